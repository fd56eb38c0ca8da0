import { randomBytes, randomInt } from 'node:crypto';
import { generateFernetKey } from './fernet.ts';
import { fieldEntries, type Field, type FieldKind, type Secrets } from './fields.ts';
import { secretsSchema } from './schema.ts';

const PASSWORD_LENGTH = 32;

/** Left out are the characters that some place of the platform cannot carry: `$ ' " \ , backtick space`. */
const CHARACTER_CLASSES = [
  'abcdefghijklmnopqrstuvwxyz',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  '0123456789',
  '!#%&()*+-./:;<=>?@[]^_{|}~',
];
const ALPHABET = CHARACTER_CLASSES.join('');

/**
 * A random password of 32 characters with at least one lower-case letter, upper-case letter, digit
 * and special character. Passwords that lack one are drawn again, so that all others are equally likely.
 */
export function generatePassword(): string {
  for (;;) {
    const characters = Array.from({ length: PASSWORD_LENGTH }, () =>
      ALPHABET.charAt(randomInt(ALPHABET.length)),
    );
    if (CHARACTER_CLASSES.every((wanted) => characters.some((found) => wanted.includes(found)))) {
      return characters.join('');
    }
  }
}

const generators: Readonly<Partial<Record<FieldKind, () => string>>> = {
  password: generatePassword,
  'fernet-key': generateFernetKey,
  'signing-key': () => randomBytes(64).toString('base64url'),
};

/** A new value for a field; undefined for what cannot be random, such as a name. */
export const generateValue = (field: Field): string | undefined => generators[field.kind]?.();

/** New secrets for one platform, without the optional ones. */
export function generateSecrets(): Secrets {
  const values = fieldEntries
    .filter(([, field]) => field.optional === undefined)
    .map(([name, field]) => [name, field.initial ?? generateValue(field)] as const);
  return secretsSchema.parse(Object.fromEntries(values));
}
