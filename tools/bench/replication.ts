import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { nativeRuntime, type Deployment } from '@provehouse/infra';
import { connectNode, type ConnectedNode } from '@provehouse/infra/clickhouse';
import { readSecrets } from '@provehouse/secrets';
import { z } from 'zod';
import { HEADING, machine, row, seconds, summarize } from './measure.ts';
import { benchOptions } from './options.ts';

/**
 * Measures replication on the embedded engine: `node tools/bench/replication.ts [--runs 5]`. The time to copy
 * a million rows to the other replica stands beside the time that the insert itself took in the same run.
 */
const { runs } = benchOptions('Measures replication on the embedded engine.', { runs: 5 });
const ROWS = 1_000_000;
const TABLE = 'otus_default.bench';
const foundRow = z.object({ found: z.coerce.number() });

const home = await mkdtemp(join(tmpdir(), 'provehouse-bench-'));
const runtime = nativeRuntime({ home, name: 'bench' });
const wish = { replication: 'keeper', without: ['airflow'] } as const;
const lines: string[] = [];
const note = (line: string): void => {
  lines.push(line);
  process.stderr.write(`${line}\n`);
};

try {
  let deployment = await runtime.up(wish);
  const starts: number[] = [];
  const again: number[] = [];
  const stops: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    stops.push(...(await seconds(1, () => runtime.down({ purge: true }))));
    starts.push(...(await seconds(1, async () => (deployment = await runtime.up(wish)))));
    again.push(...(await seconds(1, () => runtime.up(wish))));
  }
  note(row('`infra:up --without airflow`, 2 × 2 with three coordinators', starts, 's', 4));
  note(row('`infra:up` of a platform that runs', again, 's', 1));
  note(row('`infra:down --purge`', stops, 's', 10));
  const { inserts, lags } = await measureLag(deployment);
  note(row(`insert of ${ROWS} rows into one replica`, inserts, 's', 5));
  note(row('from its end until the other replica has them', lags, 's', 1));
  process.stdout.write(
    `${machine()}; ClickHouse ${deployment.clickhouse.version}\n\n${HEADING}\n${lines.join('\n')}\n\n` +
      `Lag ÷ insert, medians: ${(summarize(lags).median / summarize(inserts).median).toFixed(2)}\n`,
  );
} finally {
  await runtime.down({ purge: true });
  await rm(home, { recursive: true });
}

async function measureLag({ clickhouse, secretsFile }: Deployment) {
  const secrets = await readSecrets(secretsFile);
  const account = { user: secrets.super_user_name, password: secrets.super_user_password };
  const [first, second] = clickhouse.nodes
    .filter(({ shard }) => shard === '01')
    .map((node) => connectNode(node, account));
  if (first === undefined || second === undefined) throw new Error('a shard has two replicas');
  const inserts: number[] = [];
  const lags: number[] = [];
  try {
    for (let run = 0; run < runs; run += 1) {
      await first.command(
        `CREATE TABLE ${TABLE}_${run} ON CLUSTER ${clickhouse.cluster} (id UInt64, text String)
          ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{uuid}', '{replica}') ORDER BY id`,
      );
      const insert = `INSERT INTO ${TABLE}_${run} SELECT number, hex(cityHash64(number)) FROM system.numbers LIMIT ${ROWS}`;
      inserts.push(...(await seconds(1, () => first.command(insert))));
      lags.push(...(await seconds(1, () => untilAll(second, `${TABLE}_${run}`))));
      await first.command(`DROP TABLE ${TABLE}_${run} ON CLUSTER ${clickhouse.cluster}`);
    }
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
  return { inserts, lags };
}

async function untilAll(client: ConnectedNode, table: string): Promise<void> {
  for (;;) {
    const [row] = await client.query(`SELECT count() AS found FROM ${table}`, foundRow);
    if (row?.found === ROWS) return;
    await setTimeout(5);
  }
}
