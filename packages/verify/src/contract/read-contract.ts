import { readFile } from 'node:fs/promises';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { contractSchema, type Contract } from './contract.ts';

/** Thrown for a contract that is absent or wrong; every problem has its file, line and column. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}

/** The contract that a YAML file holds. @throws ContractError */
export async function readContract(file: string): Promise<Contract> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new ContractError(`There is no contract ${file}. Name one with --contract.`, { cause });
  }
  return parseContract(text, file);
}

/** The contract that a YAML text holds; `source` names it in errors. @throws ContractError */
export function parseContract(text: string, source: string): Contract {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }) => {
      const { line, col } = lines.linePos(pos[0]);
      return `${source}:${line}:${col} ${message}`;
    });
    throw new ContractError(problems.join('\n'), { cause: document.errors[0] });
  }
  const parsed = contractSchema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const { path, message } = issue;
    const place = issue.code === 'unrecognized_keys' ? [...path, ...issue.keys.slice(0, 1)] : path;
    const { line, col } = lines.linePos(offsetOf(document, place));
    const field = path.map(String).join('.');
    return `${source}:${line}:${col} ${field || 'the contract'}: ${message}`;
  });
  throw new ContractError(problems.join('\n'), { cause: parsed.error });
}

/** Where the field stands, or the closest one around it that is there. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range[0] ?? 0;
}
