import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silent } from '../runtime.ts';
import { stateFolder } from '../state/state-folder.ts';
import { dockerDown } from './docker-down.ts';

test('a purge is refused while the Terraform of a killed start still works, and removes nothing', async () => {
  await using cleanup = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  cleanup.defer(() => rm(home, { recursive: true }));
  const folder = stateFolder(home, 'test');
  const workspace = join(folder.root, 'terraform');
  await mkdir(workspace, { recursive: true });
  const lock = join(workspace, '.terraform.tfstate.lock.info');
  await writeFile(lock, '{}');
  const working = spawn('cat', { cwd: workspace, stdio: ['pipe', 'ignore', 'ignore'] });
  await once(working, 'spawn');
  cleanup.defer(async () => {
    working.stdin.end();
    await once(working, 'exit');
  });
  const purged = dockerDown(
    { folder, name: 'test', descriptors: [] },
    { purge: true, progress: silent },
  );
  await expect(purged).rejects.toThrow(
    `Expected that no Terraform works in ${workspace}, found process ${working.pid}`,
  );
  await expect(access(lock)).resolves.toBeUndefined();
});
