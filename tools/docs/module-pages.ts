import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'prettier';

const TERRAFORM = join(import.meta.dirname, '../../packages/infra/terraform');

/** What stands above is written by hand; what stands below by `node tools/docs/write-module-pages.ts`. */
const MARK = '<!-- Written from variables.tf and outputs.tf; see tools/docs/module-pages.ts. -->';

/** A `variable` or `output` block of formatted Terraform text. */
export interface Block {
  readonly name: string;
  readonly description: string;
  /** On one line; absent for outputs. */
  readonly type?: string;
  /** On one line; absent for what must be given. */
  readonly default?: string;
}

/** The blocks of a kind in a file that `terraform fmt` has formatted, in their order. */
export function blocksOf(kind: 'variable' | 'output', text: string): Block[] {
  return [...text.matchAll(new RegExp(`^${kind} "(\\w+)" \\{\\n([^]*?)^\\}`, 'gm'))].map(
    ([, name = '', body = '']) => {
      const type = attributeOf(body, 'type');
      const initial = attributeOf(body, 'default');
      return {
        name,
        description: JSON.parse(attributeOf(body, 'description') ?? '""') as string,
        ...(type !== undefined && { type }),
        ...(initial !== undefined && { default: initial }),
      };
    },
  );
}

/** An attribute of a block's first level: to the end of its line, or to the line that closes it. */
function attributeOf(body: string, name: string): string | undefined {
  const [, value = ''] =
    new RegExp(`^  ${name} += (.*(?:\\n   .*)*(?:\\n  [\\])}]+)?)`, 'm').exec(body) ?? [];
  const line = value
    .replaceAll(/([^{([,\s])\s*\n\s*(?=[^\])}\s])/g, '$1, ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line === '' ? undefined : line;
}

/** A module's folder below `terraform`, the root module being `.`. */
export async function moduleFolders(): Promise<readonly string[]> {
  const modules = await readdir(join(TERRAFORM, 'modules'));
  return ['.', ...modules.toSorted().map((name) => join('modules', name))];
}

const pageOf = (folder: string): string => join(TERRAFORM, folder, 'README.md');

/** A module's page as it is in the repository. */
export const readModulePage = (folder: string): Promise<string> => readFile(pageOf(folder), 'utf8');

/** A module's page with the inputs and outputs that it has now. */
export async function renderModulePage(folder: string): Promise<string> {
  const read = (name: string): Promise<string> => readFile(join(TERRAFORM, folder, name), 'utf8');
  const [page, variables, outputs] = await Promise.all([
    readModulePage(folder),
    read('variables.tf'),
    read('outputs.tf'),
  ]);
  const [head = ''] = page.split(MARK);
  const inputs = blocksOf('variable', variables).map(
    ({ name, description, type = 'any', default: initial }) =>
      row([
        code(name),
        description,
        code(type),
        initial === undefined ? 'required' : code(initial),
      ]),
  );
  const given = blocksOf('output', outputs).map(({ name, description }) =>
    row([code(name), description]),
  );
  const text = [
    head.trimEnd(),
    MARK,
    '## Inputs',
    [row(['Name', 'Description', 'Type', 'Default']), row(Array(4).fill('---')), ...inputs].join(
      '\n',
    ),
    '## Outputs',
    [row(['Name', 'Description']), row(['---', '---']), ...given].join('\n'),
  ].join('\n\n');
  return format(text, { parser: 'markdown', printWidth: 100 });
}

/** Writes the page of a module below its mark. */
export const writeModulePage = async (folder: string): Promise<void> =>
  writeFile(pageOf(folder), await renderModulePage(folder));

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const code = (text: string): string => `\`${text}\``;
