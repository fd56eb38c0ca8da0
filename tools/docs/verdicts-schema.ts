import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifiedRunJsonSchema } from '@provehouse/verify';
import { format } from 'prettier';

const file = join(import.meta.dirname, '../../docs/verdicts.schema.json');

/** The JSON Schema of the verdicts as text, made of what reads them. */
export const renderVerdictsSchema = (): Promise<string> =>
  format(JSON.stringify(verifiedRunJsonSchema()), { parser: 'json', printWidth: 100 });

/** Writes the schema. */
export const writeVerdictsSchema = async (): Promise<void> =>
  writeFile(file, await renderVerdictsSchema());

/** The schema as it is in the repository. */
export const readVerdictsSchema = (): Promise<string> => readFile(file, 'utf8');
