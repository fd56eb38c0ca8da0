import { afterAll, beforeAll, expect, test } from 'vitest';
import { editedConfig } from '../../test/edited-config.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { storagePolicies } from './storage-policies.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
afterAll(() => own?.[Symbol.asyncDispose]());

/** A node with a second disk, at a path of the node's own, and a policy that uses it. */
const withSecondDisk = (node: string, policy = '<move_factor>0.2</move_factor>') =>
  editedConfig(own, node, 'config.xml', (text) =>
    text.replace(
      /(<\/(?:clickhouse|yandex)>)\s*$/,
      `<storage_configuration>
         <disks><second><path>${own.runtime.directory}/data/${node}/second/</path></second></disks>
         <policies><tiered><volumes>
           <hot><disk>default</disk></hot><cold><disk>second</disk></cold>
         </volumes>${policy}</tiered></policies>
       </storage_configuration>$1`,
    ),
  );
const failures = async () =>
  (await runCheck(storagePolicies, own.context())).findings.filter((f) => f.status !== 'passed');

test('the disks and policies of an undamaged cluster pass', async () => {
  const { status, findings } = await runCheck(storagePolicies, own.context());
  expect(status).toBe('passed');
  expect(findings.map(({ observed }) => observed)).toEqual([
    '1 storage policies alike on 4 nodes',
    '1 disks alike on 4 nodes',
  ]);
});

test('a policy and a disk that one node alone has fail', async () => {
  await using _ = await withSecondDisk('clickhouse-03');
  expect(await failures()).toMatchObject([
    {
      node: 'clickhouse-03',
      observed: 'storage-policy tiered is there, and not on the others',
      difference: expect.stringContaining('\n+volume cold: volume_priority = 2, disks = second'),
    },
    { node: 'clickhouse-03', observed: 'disk second is there, and not on the others' },
  ]);
});

test('disks at other paths on each node pass, and another limit of a policy fails', async () => {
  const edited = await Promise.all([
    withSecondDisk('clickhouse-01'),
    withSecondDisk('clickhouse-02'),
    withSecondDisk('clickhouse-03'),
  ]);
  try {
    {
      await using _ = await withSecondDisk('clickhouse-04');
      expect(await failures()).toEqual([]);
    }
    await using _ = await withSecondDisk('clickhouse-04', '<move_factor>0.5</move_factor>');
    const found = await failures();
    expect(found).toMatchObject([
      { node: 'clickhouse-04', observed: 'storage-policy tiered is another' },
    ]);
    expect(found[0]?.difference).toMatch(/\n-volume cold: .*0\.2[^]*\n\+volume cold: .*0\.5/);
  } finally {
    await Promise.all(edited.map((one) => one[Symbol.asyncDispose]()));
  }
});
