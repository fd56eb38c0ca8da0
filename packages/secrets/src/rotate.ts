import { FIELDS, fieldEntries, isFieldName, type Field, type Secrets } from './fields.ts';
import { generateValue } from './generate.ts';
import { secretsSchema } from './schema.ts';
import { SecretsError, type Problem } from './secrets-error.ts';

const isRotatable = (name: string, field: Field): boolean =>
  generateValue(field) !== undefined && name !== 'airflow_fernet_key_previous';

const rotatableFields = fieldEntries
  .filter(([name, field]) => isRotatable(name, field) && name !== 'metabase_encryption_key')
  .map(([name]) => name);

function refusal(name: string, secrets: Secrets): string | undefined {
  if (!isFieldName(name)) return 'unknown';
  if (name === 'airflow_fernet_key_previous') return 'ends with rotate --finish';
  if (name === 'metabase_encryption_key' && secrets.metabase_encryption_key !== undefined) {
    return "is what Metabase's database is encrypted with, and changed by a command of Metabase: docs/metabase.md";
  }
  if (name === 'telegram_bot_token') return 'comes from Telegram: write the new one into the file';
  return isRotatable(name, FIELDS[name]) ? undefined : 'is no secret and cannot be random';
}

function assertRotatable(names: readonly string[], secrets: Secrets): void {
  const problems = names.flatMap((field): Problem[] => {
    const problem = refusal(field, secrets);
    return problem === undefined ? [] : [{ field, problem }];
  });
  if (problems.length > 0) {
    throw new SecretsError(
      `Nothing was changed, because only these can be rotated: ${rotatableFields.join(', ')}.`,
      { problems },
    );
  }
}

/** The Fernet key that stays beside a new one, so that Airflow can read what the old one encrypted. */
function keptFernetKey(
  secrets: Secrets,
  discardPrevious: boolean,
): Pick<Secrets, 'airflow_fernet_key_previous'> {
  if (secrets.airflow_fernet_key_previous !== undefined && !discardPrevious) {
    throw new SecretsError(
      'airflow_fernet_key was rotated before, and what the key before it encrypted may still be in use. Let Airflow encrypt it again, then run rotate --finish; or give the older key up with --discard-previous.',
    );
  }
  return { airflow_fernet_key_previous: secrets.airflow_fernet_key };
}

/**
 * Secrets with new values for the named fields. Of the Fernet key the old one is kept as
 * `airflow_fernet_key_previous`.
 * @throws SecretsError for names that cannot be rotated, and for a Fernet key whose last rotation
 * is not finished, unless `discardPrevious` is set
 */
export function rotateSecrets(
  secrets: Secrets,
  names: readonly string[],
  { discardPrevious = false }: { readonly discardPrevious?: boolean } = {},
): Secrets {
  assertRotatable(names, secrets);
  const replaced = fieldEntries
    .filter(([name]) => names.includes(name))
    .map(([name, field]) => [name, generateValue(field)] as const);
  const kept = names.includes('airflow_fernet_key') ? keptFernetKey(secrets, discardPrevious) : {};
  return secretsSchema.parse({ ...secrets, ...Object.fromEntries(replaced), ...kept });
}

/**
 * Secrets without the previous Fernet key.
 * @throws SecretsError when there is none
 */
export function finishRotation(secrets: Secrets): Secrets {
  const { airflow_fernet_key_previous: previous, ...current } = secrets;
  if (previous === undefined) {
    throw new SecretsError('There is no airflow_fernet_key_previous, so no rotation to finish.');
  }
  return current;
}

/** The components that read one of the named fields when they start. */
export const componentsReading = (names: readonly string[]): readonly string[] => [
  ...new Set(
    fieldEntries.filter(([name]) => names.includes(name)).flatMap(([, field]) => field.readBy),
  ),
];
