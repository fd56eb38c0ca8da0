import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';

/**
 * Runs the program of a project, such as `verify`, with the command of the target's name, such as `e2e`,
 * and the words that Nx was given. An executor for each command has its schema, which is all that Nx
 * shows for `--help`. What prepares for it is run first with the same words, and not as a target that
 * it depends on: Nx would not show what that says before it has ended.
 * Executors: https://nx.dev/extending-nx/recipes/local-executors
 *
 * @param {{ __unparsed__?: string[], prepare?: string }} options
 * @param {{ root: string, projectName?: string, targetName?: string }} context
 * @returns {Promise<{ success: boolean }>}
 */
export default async function runProgram(
  { __unparsed__: words = [], prepare },
  { root, projectName = '', targetName = '' },
) {
  const programs = join(root, 'node_modules/.bin');
  const { FORCE_COLOR, ...env } = process.env;
  // Nx asks for colours with `true` wherever the output goes; other values are the user's.
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== 'true') env['FORCE_COLOR'] = FORCE_COLOR;
  /** @param {string[]} command */
  const runs = async (command) => {
    const child = spawn('node', command, {
      cwd: root,
      env: { ...env, PATH: `${programs}${delimiter}${env['PATH'] ?? ''}` },
      stdio: 'inherit',
    });
    const [code] = await once(child, 'exit');
    return code === 0;
  };
  if (prepare !== undefined && !(await runs([prepare, ...words]))) return { success: false };
  return { success: await runs([`packages/${projectName}/src/cli.ts`, targetName, ...words]) };
}
