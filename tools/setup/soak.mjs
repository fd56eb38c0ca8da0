import { installNodePackages } from './node-packages.mjs';
import { installPython } from './python.mjs';
import { CommandError, main, run } from './run.mjs';

/** Drills in random order for as long as is asked: installs what they need, and runs them. */
await main(async () => {
  await Promise.all([installNodePackages({ development: true }), installPython()]);
  try {
    await run('node', ['tools/soak/soak-drills.ts', ...process.argv.slice(2)]);
  } catch (error) {
    // The soak has said what failed.
    if (error instanceof CommandError) return error.exitCode;
    throw error;
  }
});
