import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ensureContainerEngine } from './container-engine.ts';

const USAGE = `Usage: with-container-engine.ts <command> [words…]

Runs the command with a container engine that it can reach: the one that there is, or one that is
started for it and removed afterwards. Without any it is run all the same, after saying why.
`;

const say = (message: string): boolean => process.stderr.write(`${message}\n`);

async function run(command: string, words: readonly string[]): Promise<number> {
  let child: ChildProcess | undefined;
  let interrupted = false;
  // A terminal sends Ctrl-C to the command as well; the engine goes when the command has ended.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interrupted = true;
      if (signal === 'SIGTERM') child?.kill(signal);
    });
  }
  const engine = await ensureContainerEngine({ progress: say });
  if (engine.state === 'absent') say(`NO CONTAINER ENGINE: ${engine.reason}.`);
  try {
    if (interrupted) return 128 + constants.signals.SIGINT;
    const added = engine.state === 'started' ? engine.environment : {};
    child = spawn(command, words, { stdio: 'inherit', env: { ...process.env, ...added } });
    return await exitCodeOf(child);
  } finally {
    if (engine.state === 'started') await engine.stop();
  }
}

/** As a shell gives it: 128 and the signal's number for a command that a signal has ended. */
function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}

const [command, ...words] = process.argv.slice(2);
if (command === undefined || command === '--help') {
  process.stderr.write(USAGE);
  process.exitCode = command === undefined ? 2 : 0;
} else {
  try {
    process.exitCode = await run(command, words);
  } catch (error) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      say(cause.message);
    }
    process.exitCode = 2;
  }
}
