import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { PRIVATE_MODE } from './private-file.ts';
import { SecretsError, type Problem } from './secrets-error.ts';

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

/** A problem when others than the owner could read or change the file. */
export async function modeProblems(file: string): Promise<readonly Problem[]> {
  const mode = (await stat(file)).mode & 0o7777;
  return mode === PRIVATE_MODE
    ? []
    : [
        {
          field: 'file',
          problem: `mode ${octal(mode)}, expected ${octal(PRIVATE_MODE)}: chmod 600 ${file}`,
        },
      ];
}

/**
 * A problem when git tracks the file. No git and a folder outside of a repository are no problem.
 * @throws SecretsError when git cannot tell
 */
export function gitProblems(file: string): Promise<readonly Problem[]> {
  const options = { cwd: dirname(file), env: { ...process.env, LC_ALL: 'C' } };
  const command = ['ls-files', '--error-unmatch', '--', basename(file)];
  return new Promise((resolve, reject) => {
    execFile('git', command, options, (error, _stdout, stderr) => {
      if (error === null) {
        const problem = 'tracked by git: remove it with git rm --cached, then rotate every secret';
        resolve([{ field: 'file', problem }]);
      } else if (error.code === 1 || error.code === 'ENOENT' || /not a git repo/.test(stderr)) {
        resolve([]);
      } else {
        reject(
          new SecretsError(`git cannot tell whether it tracks ${file}: ${stderr.trim()}`, {
            cause: error,
          }),
        );
      }
    });
  });
}
