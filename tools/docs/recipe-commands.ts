import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { check, cluster, grants, init, watch } from '@provehouse/verify/commands';
import { readHelpSchema, TARGETS } from '../nx/help.ts';

const WORKSPACE = join(import.meta.dirname, '../..');

/** A command as a page or an example has it, without the program. */
export interface RecipeCommand {
  readonly command: string;
  readonly words: readonly string[];
}

/** The programs of this project as recipes call them, in front of the command. */
const PROGRAM = new RegExp(
  [
    /(?:npx |\/usr\/local\/bin\/|^)provehouse /.source,
    /npx nx run (?=\w+:\w)/.source,
    /(?:npx )?node packages\/\w+\/src\/cli\.ts /.source,
  ].join('|'),
);

/** The commands in a text of any kind, each on its line; a backslash at the end goes on with the next. */
export const commandsIn = (text: string): RecipeCommand[] =>
  text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => {
      const found = PROGRAM.exec(line.trim());
      if (found === null) return [];
      const rest = line.trim().slice(found.index + found[0].length);
      // A comment, another command, a quotation's end and where the output goes are no words of it.
      const [own = ''] = rest.split(/ #|[;|>`]| && |…/);
      const [command = '', ...words] = own.trim().split(/\s+/);
      return /^[a-z][\w:-]*$/.test(command) ? [{ command, words }] : [];
    });

const COMMANDS = [check, cluster, grants, init, watch];

const project = z.object({ targets: z.record(z.string(), z.unknown()) });

/** The options of a command, as `--name`. @throws RangeError where there is no such command */
async function optionsOf(command: string): Promise<ReadonlySet<string>> {
  const own = COMMANDS.find((one) => one.name() === command);
  if (own !== undefined) {
    return new Set([...own.options.map(({ long }) => long ?? ''), '--help']);
  }
  const target = TARGETS.find((one) => one === command || one.endsWith(`:${command}`));
  if (target !== undefined) {
    const help = await readHelpSchema(target);
    return new Set([...help.matchAll(/--[a-z][\w-]*/g)].map(([option]) => option));
  }
  const [name = '', ownTarget = ''] = command.split(':');
  const file = name === 'tools' ? 'tools/project.json' : `packages/${name}/project.json`;
  const { targets } = project.parse(JSON.parse(await readWorkspaceFile(file)));
  if (targets[ownTarget] === undefined) throw new RangeError(`There is no command ${command}.`);
  return new Set();
}

/** What a command does not have of its words. */
export async function unknownOptions({ command, words }: RecipeCommand): Promise<string[]> {
  const known = await optionsOf(command);
  const given = words.flatMap((word) => /^--[a-z][\w-]*/.exec(word)?.[0] ?? []);
  return given.filter((option) => !known.has(option));
}

/** A file of the workspace. */
export const readWorkspaceFile = (file: string): Promise<string> =>
  readFile(join(WORKSPACE, file), 'utf8');
