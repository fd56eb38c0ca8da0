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

/** Suites that start platforms and what people start, those first that take longest by themselves. */
const PLATFORMS = [
  { targets: ['drill-tests'] },
  { targets: ['integration'], projects: ['verify'] },
  { targets: ['containers'] },
  { targets: ['integration'], projects: ['infra'] },
  { targets: ['pipelines'] },
  { targets: ['acceptance'] },
  { targets: ['integration'], projects: ['*', '!infra', '!verify'] },
  { targets: ['replication'] },
];

/**
 * The tests, none of all of them taken from a cache: quick ones first, then those that start platforms. Of a
 * group so many suites are run at once; two of those with platforms left a fifth of two cores idle.
 */
const GROUPS = [
  {
    suites: [{ targets: ['lint', 'lint-python', 'typecheck', 'test'], parallel: 2 }],
    atOnce: 1,
  },
  // Two of them at once would install the same.
  { suites: [{ targets: ['prepare-native-tests'] }], atOnce: 1 },
  { suites: PLATFORMS, atOnce: ownNetworks ? 3 : 1 },
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

/** Runs targets to their end and says how long they took: their names and what failed, if something did. */
async function runTargets({ targets, projects = [], parallel = 1 }) {
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
  const began = performance.now();
  const group = [...projects.filter((name) => /^\w/.test(name)), ...targets].join(' ');
  const say = (outcome) => {
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stdout.write(`\n${group}: ${outcome} after ${seconds} s\n`);
  };
  try {
    await run('nx', words, { env, onOutput: (text) => output.push(text) });
    say('passed');
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    say('failed');
    return { group, failures: failuresIn(Buffer.concat(output).toString()) };
  }
}

/** Runs suites in their order, `atOnce` of them at a time, unless all is to end: what failed. */
async function runGroup({ suites, atOnce }, hasEnded) {
  const waiting = [...suites];
  const failed = [];
  const runNext = async () => {
    for (let suite = waiting.shift(); suite && !hasEnded(); suite = waiting.shift()) {
      const outcome = await runTargets(suite);
      if (outcome !== undefined) failed.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, runNext));
  return failed;
}

await main(async () => {
  const failed = [];
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (interrupted = true));
  for (const [index, group] of groups.entries()) {
    const outcomes = await runGroup(group, () => interrupted);
    if (interrupted) {
      const rest = groups
        .slice(index)
        .flatMap(({ suites }) => suites)
        .flatMap(({ targets }) => targets);
      process.stdout.write(
        `\nInterrupted; not run to their ends: ${[...new Set(rest)].join(', ')}\n`,
      );
      for (const what of await endWhatIsLeft(testRun, PATIENCE_MS)) {
        process.stdout.write(`  ended ${what}\n`);
      }
      return 130;
    }
    failed.push(...outcomes);
  }
  const left = await endWhatIsLeft(testRun, PATIENCE_MS);
  if (left.length > 0) failed.push({ group: 'nothing is left behind', failures: left });
  const passed = groups.flatMap(({ suites }) => suites).length + 1 - failed.length;
  for (const { group, failures } of failed) {
    process.stdout.write(`\nFailed: ${group}\n${failures.map((name) => `  ${name}\n`).join('')}`);
  }
  process.stdout.write(`groups: ${passed} passed, ${failed.length} failed\n`);
  return failed.length > 0 ? 1 : 0;
});
