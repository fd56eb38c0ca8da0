import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const INTERPRETER = resolve(import.meta.dirname, '../../etl-dags/.venv/bin/python');

/** What a Python program prints for some JSON on its standard input, parsed as JSON. */
export function runPython(program: string, input: unknown): unknown {
  const { status, stdout, stderr, error } = spawnSync(INTERPRETER, ['-c', program], {
    input: JSON.stringify(input),
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`Python ended with ${String(status)}:\n${stderr}`);
  return JSON.parse(stdout);
}
