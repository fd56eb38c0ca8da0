import { installNodePackages } from './node-packages.mjs';
import { installPython } from './python.mjs';
import { CommandError, main, run } from './run.mjs';

/**
 * All tests: installs what they need, and runs them with a container engine, which is started for them
 * where it may be (tools/container-engine) and removed afterwards.
 */
await main(async () => {
  await Promise.all([installNodePackages({ development: true }), installPython()]);
  const withEngine = 'tools/container-engine/with-container-engine.ts';
  try {
    await run('node', [withEngine, 'node', 'tools/setup/test-groups.mjs']);
  } catch (error) {
    // The groups have said what failed.
    if (error instanceof CommandError && error.exitCode === 1) return 1;
    throw error;
  }
});
