import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contractJsonSchema } from '@provehouse/verify';
import { format } from 'prettier';

const file = join(import.meta.dirname, '../../packages/verify/contract.schema.json');

/** The JSON Schema of the contract as text, made of what reads contracts. */
export const renderContractSchema = (): Promise<string> =>
  format(JSON.stringify(contractJsonSchema()), { parser: 'json', printWidth: 100 });

/** Writes the schema. */
export const writeContractSchema = async (): Promise<void> =>
  writeFile(file, await renderContractSchema());

/** The schema as it is in the repository. */
export const readContractSchema = (): Promise<string> => readFile(file, 'utf8');
