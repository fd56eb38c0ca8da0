import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const WORKSPACE = join(import.meta.dirname, '../..');

/** The targets that Nx shows the help of, as `project:command`; no two commands have the same name. */
export const TARGETS = [
  ...['verify:e2e', 'verify:cluster', 'verify:drill', 'verify:report'],
  ...['infra:up', 'infra:plan', 'infra:down', 'infra:status', 'infra:logs', 'infra:restart'],
  ...['infra:backup', 'infra:restore'],
  ...['infra:render', 'secrets:generate', 'secrets:check', 'secrets:complete', 'secrets:rotate'],
  'secrets:export',
];

const schemaFile = (target: string): string =>
  join(import.meta.dirname, 'help', `${target.split(':')[1]}.schema.json`);

/** The schema of a target's executor, whose description Nx shows for `nx run <target> --help`. */
export async function renderHelpSchema(target: string): Promise<string> {
  const { PROVEHOUSE_NAME: _, PROVEHOUSE_HOME: __, ...env } = process.env;
  const [project, command = ''] = target.split(':');
  const program = join(WORKSPACE, `packages/${project}/src/cli.ts`);
  const words = [program, command, '--help'];
  const { stdout } = await promisify(execFile)(process.execPath, words, { env });
  // Lists of what there is go out of date with every check; Nx removes the indentation of lines.
  const [options = ''] = stdout.split(/\n\n(?:Checks|Drills):\n/);
  const description = options
    .trim()
    .replaceAll(/\n {12,}(?=\S)/g, ' ')
    .concat(`\n\nWhole: npx nx run ${target} -- --help`);
  const unparsed = {
    ...{ type: 'array', items: { type: 'string' }, hidden: true },
    $default: { $source: 'unparsed' },
  };
  const schema = {
    $schema: 'https://json-schema.org/schema',
    ...{ version: 2, type: 'object', description, properties: { __unparsed__: unparsed } },
    additionalProperties: true,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Writes the schema of a target. */
export const writeHelpSchema = async (target: string): Promise<void> =>
  writeFile(schemaFile(target), await renderHelpSchema(target));

/** The schema of a target as it is in the repository. */
export const readHelpSchema = (target: string): Promise<string> =>
  readFile(schemaFile(target), 'utf8');
