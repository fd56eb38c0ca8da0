import { CommandError, main, run } from './run.mjs';

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

await main(async () => {
  const failed = [];
  for (const targets of GROUPS) {
    const parallel = targets.length > 1 ? 2 : 1;
    const words = [
      'run-many',
      '-t',
      ...targets,
      `--parallel=${parallel}`,
      '--outputStyle=static',
      '--skip-nx-cache',
    ];
    try {
      await run('nx', words);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      failed.push(targets.join(', '));
    }
  }
  const passed = GROUPS.length - failed.length;
  if (failed.length > 0) process.stdout.write(`Failed: ${failed.join('; ')}\n`);
  process.stdout.write(`groups: ${passed} passed, ${failed.length} failed\n`);
  return failed.length > 0 ? 1 : 0;
});
