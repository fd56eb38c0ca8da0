import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  nativeRuntime,
  openBackupPlace,
  proveBackup,
  removeBackup,
  restoreBackup,
  takeBackup,
  type Deployment,
  type Manifest,
} from '@provehouse/infra';
import { connectNode } from '@provehouse/infra/clickhouse';
import { readSecrets } from '@provehouse/secrets';
import { HEADING, machine, row, seconds } from './measure.ts';
import { benchOptions } from './options.ts';

/**
 * Measures backups: `node tools/bench/backups.ts [--runs 3] [--rows 1000000]`, of rows with 100 random characters on
 * 2 × 2 nodes, into the platform's own bucket, and the same onto a shard that has lost its table.
 */
const { runs, rows: ROWS } = benchOptions('Measures backups and restores.', {
  runs: 3,
  rows: 1_000_000,
});
/** What has changed since: a hundredth. */
const MORE = ROWS / 100;
const TABLE = 'otus_default.bench';

const home = await mkdtemp(join(tmpdir(), 'provehouse-bench-'));
const runtime = nativeRuntime({ home, name: 'bench' });
const lines: string[] = [];
const note = (line: string): void => {
  lines.push(line);
  process.stderr.write(`${line}\n`);
};

try {
  const wish = { replication: 'keeper', without: ['airflow'], with: ['storage'] } as const;
  const deployment = await runtime.up(wish);
  await measure(deployment);
  process.stdout.write(
    `${machine()}; ClickHouse ${deployment.clickhouse.version}\n\n${HEADING}\n${lines.join('\n')}\n`,
  );
} finally {
  await runtime.down({ purge: true });
  await rm(home, { recursive: true });
}

async function measure(deployment: Deployment): Promise<void> {
  const { clickhouse, secretsFile } = deployment;
  const secrets = await readSecrets(secretsFile);
  const account = { user: secrets.super_user_name, password: secrets.super_user_password };
  await using place = await openBackupPlace(deployment, account, secrets.minio_root_password);
  const nodes = clickhouse.nodes.map((node) => connectNode(node, account, 600_000));
  const [first] = nodes;
  if (first === undefined) throw new Error('a cluster has a node');
  const insert = (from: number, rows: number): Promise<void> =>
    first.command(
      `INSERT INTO ${TABLE}_all SELECT number, randomPrintableASCII(100) FROM numbers(${from}, ${rows})
       SETTINGS distributed_foreground_insert = 1`,
    );
  const signal = new AbortController().signal;
  const calm = { signal, onPhase: () => undefined };
  try {
    await first.command(
      `CREATE TABLE ${TABLE} ON CLUSTER ${clickhouse.cluster} (id UInt64, text String)
       ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{uuid}', '{replica}') ORDER BY id`,
    );
    await first.command(
      `CREATE TABLE ${TABLE}_all ON CLUSTER ${clickhouse.cluster} AS ${TABLE}
       ENGINE = Distributed(${clickhouse.cluster}, otus_default, bench, cityHash64(id))`,
    );
    await insert(0, ROWS);
    const times: Record<'full' | 'more' | 'prove' | 'restore', number[]> = {
      ...{ full: [], more: [], prove: [], restore: [] },
    };
    const sizes: Record<'full' | 'more', number[]> = { full: [], more: [] };
    for (let run = 0; run < runs; run += 1) {
      const [full, more] = [`full-${run}`, `more-${run}`];
      let manifest: Manifest | undefined;
      const take = async (name: string, base?: string): Promise<void> => {
        manifest = await takeBackup(place, { ...calm, name, ...(base !== undefined && { base }) });
      };
      times.full.push(...(await seconds(1, () => take(full))));
      sizes.full.push(megabytes(manifest));
      await insert(ROWS + run * MORE, MORE);
      times.more.push(...(await seconds(1, () => take(more, full))));
      sizes.more.push(megabytes(manifest));
      times.prove.push(...(await seconds(1, () => proveBackup(place, more, signal))));
      for (const node of nodes.filter((one) => one.node.shard === '02')) {
        await node.command(`DROP TABLE ${TABLE} SYNC`);
      }
      const wish = { ...calm, name: more, replace: false };
      times.restore.push(...(await seconds(1, () => restoreBackup(place, wish))));
      await removeBackup(place, more);
      await removeBackup(place, full);
    }
    note(row(`\`infra:backup\` of ${ROWS} rows, 2 × 2`, times.full, 's', 30));
    note(row('its size', sizes.full, 'MB', (ROWS * 110) / 1e6));
    note(row(`\`infra:backup --incremental\` after ${MORE} more`, times.more, 's', 10));
    note(row('its size', sizes.more, 'MB', (ROWS * 11) / 1e6));
    note(row('`infra:backup --check` of both, every byte', times.prove, 's', 10));
    note(row('`infra:restore` of a shard that has lost its table', times.restore, 's', 30));
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
  }
}

/** The size of a backup's own objects. */
function megabytes(manifest: Manifest | undefined): number {
  const objects = (manifest?.shards ?? []).flatMap(({ objects: of }) => of);
  return objects.reduce((sum, { size }) => sum + size, 0) / 1e6;
}
