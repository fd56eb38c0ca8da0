import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { failuresIn } from './failures.mjs';
import { endWhatIsLeft, TEST_RUN } from './left-behind.ts';
import { CommandError, environment, main, run } from './run.mjs';

/** Two cores are what a platform needs to answer in the times that tests give it. */
const platformsAtOnce = Math.min(2, Math.max(1, Math.floor(availableParallelism() / 2)));

/**
 * The tests, none of all of them taken from a cache: quick ones first, then those that start platforms,
 * and last what people start.
 */
const GROUPS = [
  { targets: ['lint', 'lint-python', 'typecheck', 'test'], parallel: 2 },
  { targets: ['integration', 'drill-tests', 'replication'], parallel: platformsAtOnce },
  { targets: ['acceptance'], parallel: 1 },
];

/** What is run for a change while it is made: the first group, and of that what the change concerns. */
const quick = process.argv[2] === 'quick';
const groups = quick ? GROUPS.slice(0, 1) : GROUPS;

/** How long tests that end, or are interrupted, may take to end what they have started. */
const PATIENCE_MS = 10_000;

// The output goes through this process, which must not cost its colours on a terminal.
const colours = process.stdout.isTTY === true && !process.env.NO_COLOR;
const testRun = randomUUID();
const env = { ...environment, [TEST_RUN]: testRun, ...(colours && { FORCE_COLOR: '1' }) };

await main(async () => {
  const failed = [];
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (interrupted = true));
  for (const [index, { targets, parallel }] of groups.entries()) {
    const words = [
      'run-many',
      '-t',
      ...targets,
      `--parallel=${parallel}`,
      '--outputStyle=static',
      ...(quick ? [] : ['--skip-nx-cache']),
    ];
    const output = [];
    try {
      await run('nx', words, { env, onOutput: (text) => output.push(text) });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (interrupted) {
        const rest = groups
          .slice(index)
          .flatMap((group) => group.targets)
          .join(', ');
        process.stdout.write(`\nInterrupted; not run to their ends: ${rest}\n`);
        for (const what of await endWhatIsLeft(testRun, PATIENCE_MS)) {
          process.stdout.write(`  ended ${what}\n`);
        }
        return 130;
      }
      failed.push({
        group: targets.join(', '),
        failures: failuresIn(Buffer.concat(output).toString()),
      });
    }
  }
  const left = await endWhatIsLeft(testRun, PATIENCE_MS);
  if (left.length > 0) failed.push({ group: 'nothing is left behind', failures: left });
  const passed = groups.length + 1 - failed.length;
  for (const { group, failures } of failed) {
    process.stdout.write(`\nFailed: ${group}\n${failures.map((name) => `  ${name}\n`).join('')}`);
  }
  process.stdout.write(`groups: ${passed} passed, ${failed.length} failed\n`);
  return failed.length > 0 ? 1 : 0;
});
