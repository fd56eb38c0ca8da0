import { readFile } from 'node:fs/promises';
import { ProvehouseError } from '@provehouse/secrets';
import type { Contract } from './contract.ts';
import { contradictions, type Surroundings } from './contradictions.ts';
import { isRecord } from './raw-contract.ts';
import { schemaProblems, type Problem } from './schema-problems.ts';
import { ofVersion1, ofVersion2, version1Schema, version2Schema } from './versions.ts';
import { readYaml, type Misplaced } from './yaml-text.ts';

/** Thrown for a contract that is absent or wrong; every problem has its file, line and column. */
export class ContractError extends ProvehouseError {
  override readonly name = 'ContractError';
}

/** The contract that a YAML file holds. @throws ContractError */
export async function readContract(
  file: string,
  surroundings: Surroundings = {},
): Promise<Contract> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new ContractError(`${whyUnread(file, cause)} Name one with --contract.`, { cause });
  }
  return parseContract(text, file, surroundings);
}

function whyUnread(file: string, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EISDIR') return `${file} is a folder, not a contract.`;
  if (code === 'ENOENT') return `There is no contract ${file}.`;
  return `The contract ${file} cannot be read (${String(code ?? cause)}).`;
}

/**
 * The contract that a YAML text holds, of any version; `source` names it in errors. Everything that is
 * wrong with it is said at once.
 * @throws ContractError
 */
export function parseContract(
  text: string,
  source: string,
  surroundings: Surroundings = {},
): Contract {
  const yaml = readYaml(text);
  if (yaml.errors.length > 0) throw contractError(source, yaml.errors);
  const value = withoutExtensions(yaml.value);
  const { contract, problems } = parseVersion(value);
  const all = [...problems, ...contradictions(value, surroundings)];
  if (contract !== undefined && all.length === 0) return contract;
  throw contractError(
    source,
    all.map(({ path, field = path.map(String).join('.'), message }) => ({
      ...yaml.placeOf(path),
      message: `${field || 'the contract'}: ${message}`,
    })),
  );
}

/** A contract without the `x-…` keys at its top, which hold anchors and whatever else people like. */
const withoutExtensions = (value: unknown): unknown =>
  isRecord(value)
    ? Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')))
    : value;

function parseVersion(value: unknown): {
  readonly contract?: Contract;
  readonly problems: readonly Problem[];
} {
  if (isRecord(value) && value['version'] === 1) {
    const { data, error } = version1Schema.safeParse(value);
    return error
      ? { problems: schemaProblems(error) }
      : { contract: ofVersion1(data), problems: [] };
  }
  const { data, error } = version2Schema.safeParse(value);
  return error ? { problems: schemaProblems(error) } : { contract: ofVersion2(data), problems: [] };
}

function contractError(source: string, problems: readonly Misplaced[]): ContractError {
  const inOrder = problems.toSorted(
    (left, right) => left.line - right.line || left.column - right.column,
  );
  const lines = inOrder.map(
    ({ line, column, message }) => `${source}:${line}:${column} ${message}`,
  );
  return new ContractError([...new Set(lines)].join('\n'));
}
