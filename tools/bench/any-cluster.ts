import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { nativeRuntime, type Deployment } from '@provehouse/infra';
import { connectNode, type ConnectedNode } from '@provehouse/infra/clickhouse';
import { readSecrets } from '@provehouse/secrets';
import { z } from 'zod';
import { HEADING, machine, row, seconds } from './measure.ts';
import { benchOptions } from './options.ts';

/**
 * Measures `provehouse check URL` as a whole process against a cluster of which nothing is said but the
 * address of one node: `node tools/bench/any-cluster.ts [--runs 3]`. First 100 tables, sound and then with three
 * planted faults, and then one table of 100 million rows, held twice.
 */
const { runs } = benchOptions('Measures `check URL` on 100 tables and on a large one.', {
  runs: 3,
});
const PAIRS = 50;
const LARGE = 100_000_000;
const PROGRAM = resolve(import.meta.dirname, '../../packages/verify/src/cli.ts');

const printed = z.object({
  verdicts: z.array(z.object({ check: z.string(), status: z.string(), findings: z.unknown() })),
});
const pathRow = z.object({ path: z.string() });

const home = await mkdtemp(join(tmpdir(), 'provehouse-bench-'));
const runtime = nativeRuntime({ home, name: 'bench' });
const lines: string[] = [];
const note = (line: string): void => {
  lines.push(line);
  process.stderr.write(`${line}\n`);
};
try {
  const deployment = await runtime.up({ replication: 'keeper', without: ['airflow'] });
  const nodes = await connectAll(deployment);
  const [first, , replica] = nodes;
  if (first === undefined || replica === undefined) throw new RangeError('there are four nodes');
  const check = await checkOf(deployment);
  await makePairs(first, deployment.clickhouse.cluster);
  const sound = await seconds(runs, async () => expectFailures(await check(), []));
  note(row('`check` of 100 sound tables', sound, 's', 10));
  await plantFaults(first, replica, deployment.clickhouse.cluster);
  const damaged = await seconds(runs, async () =>
    expectFailures(await check(), ['many.table_07_local', 'many.alone', 'many.table_09']),
  );
  note(
    row(
      'the same with a changed row, an unreplicated table and another definition',
      damaged,
      's',
      10,
    ),
  );
  await first.command(`DROP DATABASE many ON CLUSTER ${deployment.clickhouse.cluster} SYNC`);
  await makeLarge(first, replica, deployment.clickhouse.cluster);
  const large = await seconds(runs, async () => expectFailures(await check(), []));
  note(row(`\`check\` of one table of ${LARGE / 1e6} million rows`, large, 's', 60));
  await Promise.all(nodes.map((node) => node.close()));
  process.stdout.write(
    `${machine()}; ClickHouse ${deployment.clickhouse.version}\n\n${HEADING}\n${lines.join('\n')}\n`,
  );
} finally {
  await runtime.down({ purge: true });
  await rm(home, { recursive: true });
}

async function connectAll({ clickhouse, secretsFile }: Deployment): Promise<ConnectedNode[]> {
  const secrets = await readSecrets(secretsFile);
  const account = { user: secrets.super_user_name, password: secrets.super_user_password };
  return clickhouse.nodes.map((node) => connectNode(node, account, 600_000));
}

/** Runs the program as somebody does who knows one node's address; gives what it prints as JSON. */
async function checkOf({ clickhouse, secretsFile }: Deployment): Promise<() => Promise<string>> {
  const secrets = await readSecrets(secretsFile);
  const url = `http://127.0.0.1:${clickhouse.nodes[0]?.httpPort}`;
  const words = [PROGRAM, 'check', url, '--user', secrets.super_user_name, '--json'];
  const env = { PATH: process.env['PATH'], PROVEHOUSE_PASSWORD: secrets.super_user_password };
  const options = { cwd: home, env, maxBuffer: 1e9 };
  return () =>
    promisify(execFile)(process.execPath, words, options).then(
      ({ stdout }) => stdout,
      (error: Error & { stdout?: string }) => {
        if (!error.stdout) throw error;
        return error.stdout;
      },
    );
}

/** @throws Error unless just these things are named by what failed */
function expectFailures(stdout: string, named: readonly string[]): void {
  const bad = printed
    .parse(JSON.parse(stdout))
    .verdicts.filter(({ status }) => status === 'failed' || status === 'inconclusive');
  const said = JSON.stringify(bad);
  const missed = named.filter((name) => !said.includes(name.replace(/^many\./, '')));
  if (missed.length > 0 || (named.length === 0 && bad.length > 0)) {
    throw new Error(`expected failures of ${named.join(', ') || 'nothing'}, found ${said}`);
  }
}

function pairName(index: number): string {
  return `table_${String(index).padStart(2, '0')}`;
}

async function makePairs(first: ConnectedNode, cluster: string): Promise<void> {
  await first.command(`CREATE DATABASE many ON CLUSTER ${cluster}`);
  for (let index = 0; index < PAIRS; index += 1) {
    const name = `many.${pairName(index)}`;
    await first.command(
      `CREATE TABLE ${name}_local ON CLUSTER ${cluster} (id UInt64, at Date, value Float64, word String)
       ENGINE = ReplicatedMergeTree PARTITION BY toYYYYMM(at) ORDER BY id`,
    );
    await first.command(
      `CREATE TABLE ${name} ON CLUSTER ${cluster} AS ${name}_local
       ENGINE = Distributed('${cluster}', many, ${pairName(index)}_local, cityHash64(id))`,
    );
    await first.command(
      `INSERT INTO ${name} SELECT number, toDate('2026-01-01'), number / 3, toString(number)
       FROM numbers(10000) SETTINGS distributed_foreground_insert = 1, insert_quorum = 2`,
    );
  }
}

/** Puts another row into the one part that a replica has of a table, whose checksums agree with it. */
async function changeRow(replica: ConnectedNode, table: string): Promise<void> {
  const pathOf = async (name: string): Promise<string> => {
    const sql = `SELECT path FROM system.parts WHERE active AND database || '.' || table = '${name}'`;
    const [found, ...others] = await replica.query(sql, pathRow);
    if (found === undefined || others.length > 0)
      throw new RangeError(`${name} has no single part`);
    return found.path;
  };
  await replica.command(
    `CREATE TABLE default.changed (id UInt64, at Date, value Float64, word String)
     ENGINE = MergeTree PARTITION BY toYYYYMM(at) ORDER BY id`,
  );
  const smallest = `(SELECT min(id) FROM ${table})`;
  await replica.command(
    `INSERT INTO default.changed SELECT id, at, if(id = ${smallest}, -1, value), word FROM ${table}`,
  );
  const [from, to] = [await pathOf('default.changed'), await pathOf(table)];
  await replica.command(`DETACH TABLE ${table}`);
  await rm(to, { recursive: true });
  await cp(from, to, { recursive: true });
  await replica.command(`ATTACH TABLE ${table}`);
  await replica.command('DROP TABLE default.changed SYNC');
}

async function plantFaults(
  first: ConnectedNode,
  replica: ConnectedNode,
  cluster: string,
): Promise<void> {
  await changeRow(replica, `many.${pairName(7)}_local`);
  await first.command(
    `CREATE TABLE many.alone ON CLUSTER ${cluster} (id UInt64) ENGINE = MergeTree ORDER BY id`,
  );
  await first.command('INSERT INTO many.alone SELECT number FROM numbers(1000)');
  await replica.command(`ALTER TABLE many.${pairName(9)} MODIFY COMMENT 'another'`);
}

async function makeLarge(
  first: ConnectedNode,
  replica: ConnectedNode,
  cluster: string,
): Promise<void> {
  await first.command(`CREATE DATABASE large ON CLUSTER ${cluster}`);
  await first.command(
    `CREATE TABLE large.events_local ON CLUSTER ${cluster} (id UInt64, at DateTime, kind LowCardinality(String), value Float64)
     ENGINE = ReplicatedMergeTree PARTITION BY toYYYYMM(at) ORDER BY id`,
  );
  await first.command(
    `CREATE TABLE large.events ON CLUSTER ${cluster} AS large.events_local
     ENGINE = Distributed('${cluster}', large, events_local, cityHash64(id))`,
  );
  const step = LARGE / 20;
  for (let from = 0; from < LARGE; from += step) {
    await first.command(
      `INSERT INTO large.events SELECT number, toDateTime('2026-01-01') + number % 25000000,
         ['click', 'view', 'order'][number % 3 + 1], number / 7
       FROM numbers(${from}, ${step})
       SETTINGS distributed_foreground_insert = 1, insert_quorum = 2, max_partitions_per_insert_block = 0`,
    );
    process.stderr.write(`${(from + step) / 1e6} million rows\n`);
  }
  await replica.command('SYSTEM SYNC REPLICA large.events_local');
}
