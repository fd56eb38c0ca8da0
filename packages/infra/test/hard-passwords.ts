import { randomUUID } from 'node:crypto';
import type { Secrets } from '@provehouse/secrets';

/**
 * With every special character of a keyboard but the backtick, which a secrets file cannot carry, and with
 * what is another character to those who decode an address once too often.
 */
export const PASSWORD = 'aB3!"#$%41&\'()*+,-./:;<=>?@[\\]^_{|}~';

/** Airflow expands a dollar in this one, and Flower splits at commas. */
const FLOWER_PASSWORD = PASSWORD.replaceAll(/[$,]/g, '');

/** The secrets with such passwords, each with another, for those of the fields that are passwords. */
export function withHardPasswords(
  secrets: Secrets,
  fields: readonly string[] = Object.keys(secrets),
): Secrets {
  const passwords = fields
    .filter((name) => name.endsWith('_password'))
    .map((name) => [
      name,
      `${name === 'flower_password' ? FLOWER_PASSWORD : PASSWORD}${randomUUID()}`,
    ]);
  return { ...secrets, ...Object.fromEntries(passwords) };
}
