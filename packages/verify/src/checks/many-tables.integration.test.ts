import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  COLUMNS,
  rowsFrom,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { runChecks } from '../check-run.ts';
import type { Contract } from '../contract/contract.ts';
import { clusterChecks } from './index.ts';

const TABLES = Array.from({ length: 14 }, (_, index) => `many_${index + 1}`);
const ROWS = 500;

let own: ReplicatedCluster;
beforeAll(async () => {
  own = await startReplicatedCluster();
  await Promise.all(
    own.cluster.nodes.map(async ({ command }) => {
      for (const name of TABLES) {
        const path = `/clickhouse/tables/${name}/{shard}`;
        await command(`CREATE TABLE otus_default.${name}_local ${COLUMNS}
          ENGINE = ReplicatedMergeTree('${path}', '{replica}')
          PARTITION BY toYYYYMM(created_at) ORDER BY id`);
        await command(`CREATE TABLE otus_default.${name} AS otus_default.${name}_local
          ENGINE = Distributed(dwh_test, otus_default, ${name}_local, cityHash64(id))`);
      }
    }),
  );
  const { command } = own.cluster.node('clickhouse-01');
  for (const name of TABLES) await command(`INSERT INTO otus_default.${name} ${rowsFrom(1, ROWS)}`);
});
afterAll(() => own?.[Symbol.asyncDispose]());

/** The contract's pair of tables under fourteen names. */
function manyTables(contract: Contract): Contract {
  const tables = TABLES.flatMap((name) =>
    contract.tables.map((table) =>
      table.kind === 'local'
        ? { ...table, name: `${name}_local` }
        : { ...table, name, over: `${name}_local` },
    ),
  );
  return { ...contract, tables };
}

const pids = async () =>
  (await own.runtime.status()).map(({ name, state, pid }) => ({ name, state, pid }));

test('fourteen Distributed tables checked at once are judged, and every node outlives it', async () => {
  const before = await pids();
  const context = { ...own.context(ROWS), contract: manyTables(own.contract) };
  const verdicts = await runChecks(clusterChecks, context);
  const open = verdicts
    .flatMap(({ check, findings }) => findings.map((finding) => ({ check, ...finding })))
    .filter(({ status }) => status === 'inconclusive' || status === 'failed')
    .map(({ check, subject, node, observed }) => `${check} ${subject} ${node}: ${observed}`);
  expect(open).toEqual([]);
  expect(await pids()).toEqual(before);
});
