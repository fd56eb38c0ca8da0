import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { runCommand } from '../../test/command.ts';
import {
  COLUMNS,
  rowsFrom,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { AS_OF, CONTRACT_FILE } from '../../test/test-cluster.ts';

// A cluster of somebody else calls nothing as this project does.
const ROWS = 3000;
const SHARDS: Readonly<Record<string, string>> = { '01': 'west', '02': '01' };

let own: ReplicatedCluster;
beforeAll(async () => {
  own = await startReplicatedCluster({ coordinators: 3 });
});
afterAll(() => own[Symbol.asyncDispose]());

async function edit(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, 'utf8')));
}

test('other shards, replicas, cluster, database, weights and paths are judged as the usual ones', async () => {
  const { runtime, deployment, cluster } = own;
  const { nodes } = deployment.clickhouse;
  const renamed = nodes.map((node, index) => ({
    ...node,
    shard: SHARDS[node.shard] ?? node.shard,
    replica: `dwh-05-01-${index}`,
  }));
  for (const { name, shard, replica } of renamed) {
    const config = join(runtime.directory, 'config', name);
    await edit(join(config, 'config.xml'), (text) =>
      text
        .replaceAll('dwh_test', 'bigdata')
        .replaceAll(/<shard>\d+<\/shard>/g, `<shard>${shard}</shard>`)
        .replaceAll(/<replica>\d+<\/replica>/g, `<replica>${replica}</replica>`)
        .replace('<internal_replication>', '<weight>2</weight><internal_replication>'),
    );
    await edit(join(config, 'users.xml'), (text) => text.replaceAll('otus_default', 'shop'));
    await runtime.restart(name);
  }
  const [first] = cluster.nodes;
  const onCluster = async (statement: string): Promise<void> => {
    await first?.command(statement.replace('EVERYWHERE', 'ON CLUSTER bigdata'));
  };
  await onCluster('CREATE DATABASE shop EVERYWHERE');
  await onCluster(
    `CREATE TABLE shop.hw16_demo_products_local EVERYWHERE ${COLUMNS}
     ENGINE = ReplicatedMergeTree('/ch/{cluster}/{database}/{table}/{shard}', '{replica}')
     PARTITION BY toYYYYMM(created_at) ORDER BY id`,
  );
  await onCluster(
    `CREATE TABLE shop.hw16_demo_products EVERYWHERE AS shop.hw16_demo_products_local
     ENGINE = Distributed('bigdata', 'shop', 'hw16_demo_products_local', cityHash64(id))`,
  );
  await onCluster(
    `INSERT INTO shop.hw16_demo_products ${rowsFrom(1, ROWS)} SETTINGS distributed_foreground_insert = 1`,
  );
  const file = join(own.home, 'other.json');
  const clickhouse = {
    ...deployment.clickhouse,
    ...{ cluster: 'bigdata', database: 'shop' },
    nodes: renamed.map((node) => ({ ...node, host: 'localhost' })),
  };
  await writeFile(file, JSON.stringify({ ...deployment, clickhouse }));
  const contract = join(own.home, 'other.yaml');
  await writeFile(contract, await readFile(CONTRACT_FILE, 'utf8'));
  const facts = ['--rows', String(ROWS), '--parameter', `as_of=${AS_OF}`];
  const words = ['cluster', '--json', '--deployment', file, '--contract', contract, ...facts];
  const { stdout } = await runCommand(words);
  const verdict = z.object({ check: z.string(), status: z.string(), findings: z.array(z.json()) });
  const { verdicts } = z.object({ verdicts: z.array(verdict) }).parse(JSON.parse(stdout));
  const bad = verdicts.filter(({ status }) => status === 'failed' || status === 'inconclusive');
  expect(bad.map(({ check, findings }) => ({ check, findings }))).toEqual([]);
  const passed = verdicts.filter(({ status }) => status === 'passed').map(({ check }) => check);
  for (const check of ['cluster-topology', 'macros', 'placement', 'spread', 'replica-paths']) {
    expect(passed).toContain(check);
  }
});
