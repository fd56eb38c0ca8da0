import { contentProblems } from './check.ts';
import { parseDotenv, renderDotenv } from './dotenv-text.ts';
import { generateSecrets } from './generate.ts';
import type { FieldName } from './fields.ts';
import { writePrivateFile } from './private-file.ts';
import { modeProblems } from './protection.ts';
import { readText, refuse } from './secrets-file.ts';
import { SecretsError } from './secrets-error.ts';

/** What the key encrypted could not be read with a new one. */
const IRREPLACEABLE: FieldName = 'airflow_fernet_key';

/** A text with what was added to it, and the names of that. */
export interface Completed {
  readonly text: string;
  readonly added: readonly string[];
}

/**
 * The text of a secrets file with new values, at its end, for the fields that it lacks; all else stays as
 * it is, comments included.
 * @throws SecretsError for a text that seems to be cut off, lacks the Fernet key, or has other problems;
 * it names them by field and holds no value
 */
export function completeText(file: string, text: string): Completed {
  const values = parseDotenv(text);
  const fresh = Object.entries(generateSecrets()).filter(([name]) => values[name] === undefined);
  const added = fresh.map(([name]) => name);
  if (added.length === 0) return { text, added };
  if (!text.endsWith('\n')) {
    throw new SecretsError(
      `${file} lacks ${added.join(', ')} and seems to be cut off: expected a line break at its end. Restore it from a copy, or end its last line if that is whole.`,
    );
  }
  if (added.includes(IRREPLACEABLE)) {
    throw new SecretsError(
      `${file} has no ${IRREPLACEABLE}, without which what Airflow has encrypted cannot be read. Restore it from a copy; or, where nothing is lost by it, make all secrets new: npx nx run secrets:generate --force.`,
    );
  }
  const whole = { ...values, ...Object.fromEntries(fresh) };
  const problems = contentProblems(whole);
  if (problems.length > 0) throw new SecretsError(`${file} cannot be completed:`, { problems });
  return { text: text + renderDotenv(Object.fromEntries(fresh)), added };
}

/**
 * Adds to a secrets file what it lacks, and gives the names of that; a file that is whole is not written.
 * @throws SecretsError when it cannot be read, others could read it, or as `completeText` does
 */
export async function completeSecrets(file: string): Promise<readonly string[]> {
  const before = await readText(file);
  refuse(file, await modeProblems(file));
  const { text, added } = completeText(file, before);
  if (added.length > 0) await writePrivateFile(file, text, { replace: true });
  return added;
}
