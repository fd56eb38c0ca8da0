import { readFile } from 'node:fs/promises';
import { contentProblems } from './check.ts';
import { parseDotenv, renderDotenv } from './dotenv-text.ts';
import type { Secrets } from './fields.ts';
import { isPlaceholder } from './placeholder.ts';
import { writePrivateFile } from './private-file.ts';
import { gitProblems, modeProblems } from './protection.ts';
import { MISSING, secretsSchema } from './schema.ts';
import { SecretsError, type Problem } from './secrets-error.ts';

const HEADER =
  '# Secrets of one platform. Keep this file out of git and to yourself (mode 0600).\n';

/** The text of a secrets file. @throws SecretsError when it cannot be read */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new SecretsError(
      `No secrets can be read from ${file}. Make them with \`npx nx run secrets:generate\`, or name another platform.`,
      { cause },
    );
  }
}

const readValues = async (file: string): Promise<Record<string, string>> =>
  parseDotenv(await readText(file));

/** @throws SecretsError when there are problems */
export function refuse(file: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const advice = problems.some(({ problem }) => problem === MISSING)
    ? ' What is missing is added by `npx nx run secrets:complete`.'
    : '';
  throw new SecretsError(`${file} cannot be used.${advice}`, { problems });
}

/**
 * The secrets of a file, ready to be used.
 * @throws SecretsError naming the file and every problem by field: content and file mode
 */
export async function readSecrets(file: string): Promise<Secrets> {
  const values = await readValues(file);
  refuse(file, [...contentProblems(values), ...(await modeProblems(file))]);
  return secretsSchema.parse(values);
}

/** Secrets as a file may hold them. @throws SecretsError naming `source` and every problem by field */
export function checkedSecrets(source: string, secrets: Secrets): Secrets {
  refuse(source, contentProblems(secrets));
  return secrets;
}

/**
 * The values of a file that need not be complete, such as that of a cluster that somebody else runs.
 * @throws SecretsError when it cannot be read, others could read it, or a value is a placeholder
 */
export async function readSecretValues(file: string): Promise<Record<string, string>> {
  const values = await readValues(file);
  const placeholders = Object.keys(values)
    .filter((field) => isPlaceholder(values[field] ?? ''))
    .map((field) => ({ field, problem: 'still a placeholder' }));
  refuse(file, [...placeholders, ...(await modeProblems(file))]);
  return values;
}

/**
 * Writes secrets so that only their owner can read them, atomically. A file that exists is kept
 * unless `force` is set.
 * @throws SecretsError when there is a file already, a value cannot be carried, or on a failed write
 */
export async function writeSecrets(
  file: string,
  secrets: Secrets,
  { force = false }: { readonly force?: boolean } = {},
): Promise<void> {
  await writePrivateFile(file, HEADER + renderDotenv(secrets), { replace: force });
}

/**
 * Everything that is wrong with a secrets file: content, mode, and whether git tracks it.
 * @throws SecretsError when it cannot be read
 */
export async function checkSecrets(file: string): Promise<readonly Problem[]> {
  const values = await readValues(file);
  const protection = await Promise.all([modeProblems(file), gitProblems(file)]);
  return [...contentProblems(values), ...protection.flat()];
}
