import { installNodePackages } from './node-packages.mjs';
import { installPython } from './python.mjs';
import { CommandError, main, run } from './run.mjs';

const HELP = `npm test

Installs what is needed and runs all tests, quick ones first. It takes no options; one kind of tests
of one project is npx nx run <project>:<kind>, such as npx nx run verify:integration. Exit codes: 0
all passed, 1 some failed, 2 could not run, 130 interrupted.

npm run test:quick

Runs those that start no platform, and of these what has changed since they passed.
`;
const NO_OPTIONS = 'npm test takes no options (npm test -- --help says more); found ';

const GROUPS = 'tools/setup/test-groups.mjs';
/** They are run with a container engine, which is started for them where it may be. */
const ALL = ['tools/offline/container-engine/with-container-engine.ts', 'node', GROUPS];
const QUICK = [GROUPS, 'quick'];

/** The tests: installs what they need, and runs them. */
await main(async () => {
  const [kind, ...words] = process.argv.slice(2);
  if (kind !== 'all' && kind !== 'quick') throw new TypeError(`found ${kind}, not all or quick`);
  if (words.length > 0) {
    const help = words.includes('--help') || words.includes('-h');
    process[help ? 'stdout' : 'stderr'].write(help ? HELP : `${NO_OPTIONS}${words.join(' ')}.\n`);
    return help ? 0 : 2;
  }
  await Promise.all([installNodePackages({ development: true }), installPython()]);
  try {
    await run('node', kind === 'quick' ? QUICK : ALL);
  } catch (error) {
    // The groups have said what failed.
    if (error instanceof CommandError && error.exitCode === 1) return 1;
    throw error;
  }
});
