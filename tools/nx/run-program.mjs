import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';

/**
 * Runs the program of a project, such as `verify`, with the command of the target's name, such as `e2e`,
 * and the words that Nx was given. An executor for each command has its schema, which is all that Nx
 * shows for `--help`.
 * Executors: https://nx.dev/extending-nx/recipes/local-executors
 *
 * @param {{ __unparsed__?: string[] }} options
 * @param {{ root: string, projectName?: string, targetName?: string }} context
 * @returns {Promise<{ success: boolean }>}
 */
export default async function runProgram(
  { __unparsed__: words = [] },
  { root, projectName = '', targetName = '' },
) {
  const programs = join(root, 'node_modules/.bin');
  const { FORCE_COLOR, ...env } = process.env;
  // Nx asks for colours with `true` wherever the output goes; other values are the user's.
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== 'true') env['FORCE_COLOR'] = FORCE_COLOR;
  const child = spawn('node', [`packages/${projectName}/src/cli.ts`, targetName, ...words], {
    cwd: root,
    env: { ...env, PATH: `${programs}${delimiter}${env['PATH'] ?? ''}` },
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  return { success: code === 0 };
}
