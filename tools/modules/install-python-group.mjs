import { findPython, syncPython } from '../setup/python.mjs';
import { CommandError, main } from '../setup/run.mjs';

/**
 * Installs a group of the locked Python packages, such as `kafka`, beside those that are there: what
 * only a module of the platform needs.
 */
await main(async () => {
  const [group] = process.argv.slice(2);
  if (group === undefined) throw new CommandError('Expected the name of a group of packages.', 2);
  await syncPython(findPython(), ['--inexact', '--group', group]);
});
