import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The workspace's root folder. */
export const workspace = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Thrown when a command of the set-up fails; `exitCode` is the command's. */
export class CommandError extends Error {
  constructor(message, exitCode, options) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** The environment of everything that is run here: Node 24 and the tools of the workspace come first. */
export const environment = {
  ...process.env,
  PATH: `${join(workspace, 'node_modules/.bin')}:${process.env.PATH ?? ''}`,
};

/**
 * Runs a command in the workspace; its output is this process' own unless `quiet`, and then it is
 * shown only when the command fails. `onOutput` gets what is shown, in pieces.
 * @throws CommandError
 */
export function run(command, words, { quiet = false, onOutput, env = environment } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, {
      cwd: workspace,
      env,
      stdio: quiet
        ? ['ignore', 'pipe', 'pipe']
        : onOutput
          ? ['inherit', 'pipe', 'pipe']
          : 'inherit',
    });
    const said = [];
    for (const stream of ['stdout', 'stderr']) {
      child[stream]?.on('data', (text) => {
        if (quiet) return said.push(text);
        process[stream].write(text);
        onOutput(text);
      });
    }
    child.once('error', (cause) =>
      reject(new CommandError(`${command} could not be started.`, 2, { cause })),
    );
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(said).toString());
      if (quiet) process.stderr.write(Buffer.concat(said));
      const how = signal === null ? `code ${code}` : signal;
      reject(new CommandError(`${command} ${words.join(' ')} ended with ${how}.`, code ?? 130));
    });
  });
}

/** Runs a script's body and ends the process with its code, or with that of the command that failed. */
export async function main(body) {
  // A terminal sends Ctrl-C to the children as well; this process waits until they have tidied up.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    if (error.cause) process.stderr.write(`  because: ${error.cause.message}\n`);
    process.exitCode = error.exitCode ?? 2;
  }
}
