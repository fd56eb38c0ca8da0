import { expect, it } from 'vitest';
import { goTarget } from './go-target.ts';

it.each([
  ['linux', 'x64', { os: 'linux', arch: 'amd64' }],
  ['darwin', 'arm64', { os: 'darwin', arch: 'arm64' }],
  ['win32', 'ia32', { os: 'windows', arch: '386' }],
])('calls %s on %s as Go does', (platform, arch, target) => {
  expect(goTarget(platform, arch)).toEqual(target);
});
