import { z } from 'zod';
import { isFernetKey } from './fernet.ts';
import {
  fieldEntries,
  type Field,
  type FieldKind,
  type FieldName,
  type Secrets,
} from './fields.ts';
import { isPlaceholder } from './placeholder.ts';

const PASSWORD_MINIMUM = 16;
/** A key for HMAC SHA-512, Airflow's default, must not be shorter than its 64 bytes: RFC 7518, 3.2. */
const SIGNING_KEY_MINIMUM = 64;

/** What is said of a field that is not there. */
export const MISSING = 'missing';

const required = z.string({ error: MISSING });

const atLeast = (minimum: number) =>
  required.min(minimum, `too short, expected at least ${minimum} characters`);

const kinds: Readonly<Record<FieldKind, z.ZodString>> = {
  'account-name': required
    .regex(
      /^[A-Za-z_][\w.-]*$/,
      'expected a letter or underscore, then letters, digits and ". _ -"',
    )
    .refine((name) => name !== 'default', 'the name "default" is not allowed: nobody may use it'),
  email: required.regex(/^[^\s@]+@[^\s@]+$/, 'not an e-mail address'),
  password: atLeast(PASSWORD_MINIMUM),
  'fernet-key': required.refine(
    isFernetKey,
    'not a Fernet key, expected 32 bytes in URL-safe base64, exactly 44 characters',
  ),
  'signing-key': atLeast(SIGNING_KEY_MINIMUM),
  'telegram-token': required.regex(
    /^\d+:[\w-]{16,}$/,
    'not a bot token, expected digits, a colon and at least 16 characters',
  ),
  'telegram-chat': required.regex(
    /^(?:-?\d+|@[A-Za-z]\w{3,})$/,
    'not a chat of Telegram, expected its number or the @name of a channel',
  ),
  url: required.regex(
    /^https?:\/\/[^\s/?#@]+$/,
    'expected the URL of a server, such as https://bots.example, without a path or a login',
  ),
};

/** Values that no text file, environment variable and XML document can all carry. */
export const UNPRINTABLE = /[\p{Cc}\u2028\u2029]/u;

function fieldSchema(field: Field): z.ZodString {
  const { pattern, reason } = field.unusable ?? {};
  return kinds[field.kind]
    .refine((value) => !isPlaceholder(value), 'still a placeholder')
    .refine((value) => !UNPRINTABLE.test(value), 'holds a line break or control character')
    .refine((value) => value.isWellFormed(), 'is not valid Unicode')
    .refine(
      (value) => pattern === undefined || !pattern.test(value),
      `holds a character that cannot be used here: ${reason}`,
    );
}

const shape = Object.fromEntries(
  fieldEntries.map(([name, field]) => [
    name,
    field.optional ? z.exactOptional(fieldSchema(field)) : fieldSchema(field),
  ]),
) as Record<FieldName, z.ZodString>;

/** The secrets of one platform, each field valid by itself. */
export const secretsSchema: z.ZodType<Secrets> = z.strictObject(shape);
