import { parseArgs } from 'node:util';
import { installNodePackages } from './node-packages.mjs';
import { installPython } from './python.mjs';
import { CommandError, main, run } from './run.mjs';

const HELP = `npm start -- [options]

Installs what is needed, brings the platform up, runs the pipeline, verifies it and makes the
report. Exit codes: 0 all is proven, 1 something is not, 2 could not run. The options are those of
the first step:
`;

/** The main job: install, bring the platform up, run the pipeline, verify it, make the report. */
await main(async () => {
  const options = process.argv.slice(2);
  const platform = platformOptions(options);
  await Promise.all([installNodePackages({ development: false }), installPython()]);
  if (options.includes('--help') || options.includes('-h')) {
    process.stdout.write(`${HELP}\n`);
    await run('node', ['packages/infra/src/cli.ts', 'up', '--help']);
    return;
  }
  await run('node', ['tools/offline/container-runtime/prepare.ts', ...options]);
  await run('node', ['packages/infra/src/cli.ts', 'up', ...options]);
  const verdicts = await exitCodeOf('node', ['packages/verify/src/cli.ts', 'e2e', ...platform]);
  await run('node', ['packages/verify/src/cli.ts', 'report', ...platform]);
  return verdicts;
});

/** Those of the options for `up` that say which platform is meant, for the steps after it. */
function platformOptions(args) {
  const { values } = parseArgs({
    args,
    strict: false,
    options: { name: { type: 'string' }, home: { type: 'string' } },
  });
  return ['name', 'home'].flatMap((option) =>
    typeof values[option] === 'string' ? [`--${option}`, values[option]] : [],
  );
}

/** Failed checks are a result, too: the report must be made of them. */
async function exitCodeOf(command, words) {
  try {
    await run(command, words);
    return 0;
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === 1) return 1;
    throw error;
  }
}
