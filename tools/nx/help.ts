import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const WORKSPACE = join(import.meta.dirname, '../..');
const CLI = join(WORKSPACE, 'packages/verify/src/cli.ts');

/** The targets of verify that Nx shows the help of. */
export const TARGETS = ['e2e', 'cluster', 'drill', 'report'] as const;
type Target = (typeof TARGETS)[number];

const schemaFile = (target: Target): string =>
  join(import.meta.dirname, 'help', `${target}.schema.json`);

/** The schema of a target's executor, whose description Nx shows for `nx run verify:<target> --help`. */
export async function renderHelpSchema(target: Target): Promise<string> {
  const { PROVEHOUSE_NAME: _, PROVEHOUSE_HOME: __, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, target, '--help'], { env });
  // Lists of what there is go out of date with every check; Nx removes the indentation of lines.
  const [options = ''] = stdout.split(/\n\n(?:Checks|Drills):\n/);
  const description = options
    .trim()
    .replaceAll(/\n {12,}(?=\S)/g, ' ')
    .concat(`\n\nWhole: npx nx run verify:${target} -- --help`);
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
export const writeHelpSchema = async (target: Target): Promise<void> =>
  writeFile(schemaFile(target), await renderHelpSchema(target));

/** The schema of a target as it is in the repository. */
export const readHelpSchema = (target: Target): Promise<string> =>
  readFile(schemaFile(target), 'utf8');
