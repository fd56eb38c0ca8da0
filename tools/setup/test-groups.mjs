import { failuresIn } from './failures.mjs';
import { CommandError, environment, main, run } from './run.mjs';

/**
 * All tests, none of them taken from a cache: quick ones side by side, then those that start
 * platforms, one after the other.
 */
const GROUPS = [
  ['lint', 'lint-python', 'typecheck', 'test'],
  ['integration'],
  ['replication'],
  ['acceptance'],
];

// The output goes through this process, which must not cost its colours on a terminal.
const colours = process.stdout.isTTY === true && !process.env.NO_COLOR;
const env = colours ? { ...environment, FORCE_COLOR: '1' } : environment;

await main(async () => {
  const failed = [];
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (interrupted = true));
  for (const [index, targets] of GROUPS.entries()) {
    const parallel = targets.length > 1 ? 2 : 1;
    const words = [
      'run-many',
      '-t',
      ...targets,
      `--parallel=${parallel}`,
      '--outputStyle=static',
      '--skip-nx-cache',
    ];
    const output = [];
    try {
      await run('nx', words, { env, onOutput: (text) => output.push(text) });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (interrupted) {
        const rest = GROUPS.slice(index).flat().join(', ');
        process.stdout.write(`\nInterrupted; not run to their ends: ${rest}\n`);
        return 130;
      }
      failed.push({
        group: targets.join(', '),
        failures: failuresIn(Buffer.concat(output).toString()),
      });
    }
  }
  const passed = GROUPS.length - failed.length;
  for (const { group, failures } of failed) {
    process.stdout.write(`\nFailed: ${group}\n${failures.map((name) => `  ${name}\n`).join('')}`);
  }
  process.stdout.write(`groups: ${passed} passed, ${failed.length} failed\n`);
  return failed.length > 0 ? 1 : 0;
});
