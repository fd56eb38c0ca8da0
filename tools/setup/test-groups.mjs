import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { failuresIn } from './failures.mjs';
import { endWhatIsLeft, TEST_RUN } from './left-behind.ts';
import { CommandError, environment, main, run } from './run.mjs';

/**
 * Whether suites can have networks of their own (own-network.sh): where they share the machine's, one
 * could take the port of a node that another has stopped.
 */
const ownNetworks = spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']).status === 0;

/**
 * Suites that start platforms, in lanes that take about as long: those in one come one after the other.
 * Two of them left a fifth of two cores idle, three leave nothing.
 */
const LANES = [
  [{ targets: ['integration'], projects: ['verify'], parallel: 1 }],
  [
    { targets: ['drill-tests', 'pipelines'], parallel: 1 },
    { targets: ['integration'], projects: ['*', '!infra', '!verify'], parallel: 1 },
  ],
  [
    { targets: ['containers', 'replication'], parallel: 1 },
    { targets: ['integration'], projects: ['infra'], parallel: 1 },
  ],
];

/**
 * The tests, none of all of them taken from a cache: quick ones first, then those that start platforms,
 * and last what people start. The lanes of one group are run side by side.
 */
const GROUPS = [
  [[{ targets: ['lint', 'lint-python', 'typecheck', 'test'], parallel: 2 }]],
  // Two of them at once would install the same.
  [[{ targets: ['prepare-native-tests'], parallel: 1 }]],
  ...(ownNetworks ? [LANES] : LANES.map((lane) => [lane])),
  [[{ targets: ['acceptance'], parallel: 1 }]],
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

/** Runs targets to their end: their names and what failed, if something did. */
async function runTargets({ targets, projects = [], parallel }) {
  const words = [
    'run-many',
    '-t',
    ...targets,
    ...(projects.length > 0 ? ['-p', ...projects] : []),
    `--parallel=${parallel}`,
    '--outputStyle=static',
    ...(quick ? [] : ['--skip-nx-cache']),
  ];
  const output = [];
  try {
    await run('nx', words, { env, onOutput: (text) => output.push(text) });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { group: targets.join(', '), failures: failuresIn(Buffer.concat(output).toString()) };
  }
}

/** Runs what is in a lane, one after the other, unless that is to end: what failed. */
async function runLane(lane, hasEnded) {
  const failed = [];
  for (const runs of lane) {
    if (hasEnded()) break;
    const outcome = await runTargets(runs);
    if (outcome !== undefined) failed.push(outcome);
  }
  return failed;
}

await main(async () => {
  const failed = [];
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (interrupted = true));
  for (const [index, group] of groups.entries()) {
    const outcomes = await Promise.all(group.map((lane) => runLane(lane, () => interrupted)));
    if (interrupted) {
      const rest = groups
        .slice(index)
        .flat(2)
        .flatMap(({ targets }) => targets);
      process.stdout.write(
        `\nInterrupted; not run to their ends: ${[...new Set(rest)].join(', ')}\n`,
      );
      for (const what of await endWhatIsLeft(testRun, PATIENCE_MS)) {
        process.stdout.write(`  ended ${what}\n`);
      }
      return 130;
    }
    failed.push(...outcomes.flat());
  }
  const left = await endWhatIsLeft(testRun, PATIENCE_MS);
  if (left.length > 0) failed.push({ group: 'nothing is left behind', failures: left });
  const passed = groups.flat(2).length + 1 - failed.length;
  for (const { group, failures } of failed) {
    process.stdout.write(`\nFailed: ${group}\n${failures.map((name) => `  ${name}\n`).join('')}`);
  }
  process.stdout.write(`groups: ${passed} passed, ${failed.length} failed\n`);
  return failed.length > 0 ? 1 : 0;
});
