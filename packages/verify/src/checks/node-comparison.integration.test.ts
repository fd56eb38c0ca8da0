import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { impatient } from '../../test/changed-context.ts';
import {
  COLUMNS,
  hasServer,
  startServerCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { runCheck, runChecks } from '../check-run.ts';
import { hasSystemColumn } from '../clickhouse/dialect.ts';
import { accessEntities } from './access-entities.ts';
import { functions } from './functions.ts';
import { internalReplication } from './internal-replication.ts';
import { namedCollections } from './named-collections.ts';
import { schemaObjects } from './schema-objects.ts';
import { serverSettings } from './server-settings.ts';
import { storagePolicies } from './storage-policies.ts';
import { unreplicatedTables } from './unreplicated-tables.ts';

describe.skipIf(!hasServer)('servers of whatever version', () => {
  let own: ReplicatedCluster;
  let showsFlag: boolean;
  beforeAll(async () => {
    own = await startServerCluster();
    const client = own.cluster.node('clickhouse-01');
    showsFlag = await hasSystemColumn(client, 'clusters', 'internal_replication');
  });
  beforeEach(async () => {
    await everywhere('DROP DATABASE IF EXISTS odd');
    await everywhere('CREATE DATABASE odd');
  });
  afterAll(() => own?.[Symbol.asyncDispose]());

  const everywhere = (sql: string) =>
    Promise.all(own.cluster.nodes.map(({ command }) => command(sql)));
  const context = () => impatient(own.context(0));
  const pair = async (name: string, engine: string) => {
    await everywhere(`CREATE TABLE odd.${name}_local ${COLUMNS} ENGINE = ${engine} ORDER BY id`);
    await everywhere(
      `CREATE TABLE odd.${name} AS odd.${name}_local ENGINE = Distributed(dwh_test, odd, ${name}_local, id)`,
    );
  };
  const replicated = () =>
    pair('r', `ReplicatedMergeTree('/odd/${Date.now()}/{shard}', '{replica}')`);

  test('an undamaged cluster passes what its version shows, and the rest is skipped', async () => {
    await replicated();
    const verdicts = await runChecks(
      [
        ...[accessEntities, functions, internalReplication, namedCollections, schemaObjects],
        ...[serverSettings, storagePolicies, unreplicatedTables],
      ],
      context(),
    );
    const open = verdicts.filter(({ status }) => status !== 'passed' && status !== 'skipped');
    expect(open).toEqual([]);
    const judged = verdicts.filter(({ status }) => status === 'passed');
    expect(judged.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['schema-objects', 'server-settings', 'unreplicated-tables']),
    );
  });

  test('a column that one node has too many is shown', async () => {
    await replicated();
    await own.cluster.node('clickhouse-02').command('ALTER TABLE odd.r ADD COLUMN note String');
    const { findings } = await runCheck(schemaObjects, context());
    expect(findings.filter(({ status }) => status === 'failed')).toMatchObject([
      { node: 'clickhouse-02', difference: expect.stringMatching(/\n\+ {4}`?note`? String/) },
    ]);
  });

  test('Distributed tables are judged, or skipped where the server does not show how they write', async () => {
    await replicated();
    const { status, findings } = await runCheck(internalReplication, context());
    expect(status).toBe(showsFlag ? 'passed' : 'skipped');
    expect(findings.map(({ node }) => node)).toHaveLength(4);
  });

  test('plain tables fail; where the server does not show how they are written, the deployment says it', async () => {
    await pair('p', 'MergeTree');
    const verdict = async (stated: boolean) => {
      const { deployment, ...rest } = context();
      const clickhouse = { ...deployment.clickhouse, internalReplication: stated };
      const stating = { ...rest, deployment: { ...deployment, clickhouse } };
      return (await runCheck(unreplicatedTables, stating)).status;
    };
    expect(await verdict(true)).toBe('failed');
    expect(await verdict(false)).toBe(showsFlag ? 'failed' : 'passed');
  });
});
