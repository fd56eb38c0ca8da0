import { join } from 'node:path';
import { hasNode, linkNode } from './node-program.mjs';
import { run, workspace } from './run.mjs';
import { fingerprint, isStamped, leaveStamp } from './stamp.mjs';

/**
 * Installs the locked npm packages, unless they are there. Without `development` the tools that only
 * check the code are left out, which saves most of the time.
 */
export async function installNodePackages({ development }) {
  const lock = join(workspace, 'package-lock.json');
  const stamp = join(workspace, 'node_modules/.provehouse-install');
  const whole = fingerprint([lock], process.platform, 'all');
  const expected = development ? whole : fingerprint([lock], process.platform, 'runtime');
  if (isStamped(stamp, whole) || isStamped(stamp, expected)) {
    if (!hasNode()) await linkNode();
    return;
  }
  process.stderr.write('Installing npm packages …\n');
  // The lock names each package by its sum, so that what the cache has need not be asked for again.
  const words = ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', development ? words : [...words, '--omit=dev'], { quiet: true });
  leaveStamp(stamp, expected);
}
