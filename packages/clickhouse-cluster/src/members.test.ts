import { createTopology } from '@provehouse/infra';
import { XMLParser } from 'fast-xml-parser';
import { expect, it } from 'vitest';
import type { ClusterOptions } from './cluster-options.ts';
import { keeperNames, planKeepers, planNodes } from './members.ts';

const options: ClusterOptions = {
  image: 'clickhouse/clickhouse-server:26.3',
  topology: createTopology({ cluster: 'tested', database: 'facts' }),
  administrator: { name: 'su', password: 'password of su' },
  reader: { name: 'bi_user', password: 'password of bi_user' },
  configuration: { 'config.d/mine.xml': '<clickhouse/>' },
  fixedPorts: { 'clickhouse-02': { http: 20_001, native: 20_002 } },
  startupTimeout: 1_000,
};
const secrets = { cluster: 'secret of the cluster', interserver: 'secret of the parts' };
const SERVER = '/etc/clickhouse-server';

const parse = (text: string | undefined) =>
  new XMLParser({ ignoreAttributes: false, parseTagValue: false }).parse(text ?? '').clickhouse;

it('every node gets the macros of its place and the addresses of all by name', () => {
  const plans = planNodes(options, [], secrets);
  const configs = plans.map(({ files }) => parse(files[`${SERVER}/config.d/provehouse.xml`]));
  expect(plans.map(({ name }) => name)).toEqual([1, 2, 3, 4].map((n) => `clickhouse-0${n}`));
  expect(configs.map(({ macros }) => macros)).toEqual([
    { cluster: 'tested', shard: '01', replica: '01' },
    { cluster: 'tested', shard: '02', replica: '01' },
    { cluster: 'tested', shard: '01', replica: '02' },
    { cluster: 'tested', shard: '02', replica: '02' },
  ]);
  expect(configs[3].remote_servers.tested.shard).toEqual([
    {
      internal_replication: 'false',
      replica: [
        { host: 'clickhouse-01', port: '9000' },
        { host: 'clickhouse-03', port: '9000' },
      ],
    },
    {
      internal_replication: 'false',
      replica: [
        { host: 'clickhouse-02', port: '9000' },
        { host: 'clickhouse-04', port: '9000' },
      ],
    },
  ]);
});

it('with Keepers the nodes know them and leave replication to the tables', () => {
  const [, second] = planNodes(options, keeperNames(3), secrets);
  const config = parse(second?.files[`${SERVER}/config.d/provehouse.xml`]);
  expect(config.zookeeper.node).toEqual(
    [1, 2, 3].map((n) => ({ host: `clickhouse-keeper-0${n}`, port: '9181' })),
  );
  expect(config.interserver_http_host).toBe('clickhouse-02');
  expect(config.remote_servers.tested.shard[0].internal_replication).toBe('true');
});

it('without Keepers nothing is said of them', () => {
  const [first] = planNodes(options, [], secrets);
  expect(parse(first?.files[`${SERVER}/config.d/provehouse.xml`])).not.toHaveProperty('zookeeper');
});

it('the user default is removed, and no password is anywhere in clear', () => {
  const [first] = planNodes(options, keeperNames(1), secrets);
  const { default: removed } = parse(first?.files[`${SERVER}/users.d/provehouse.xml`]).users;
  expect(removed).toEqual({ '@_remove': 'remove' });
  const everything = JSON.stringify(first);
  expect(everything).not.toContain(options.administrator.password);
  expect(everything).not.toContain(options.reader.password);
});

it("a test's own configuration is put beside the cluster's", () => {
  const plans = planNodes(options, [], secrets);
  expect(plans.map(({ files }) => files[`${SERVER}/config.d/mine.xml`])).toEqual(
    Array(4).fill('<clickhouse/>'),
  );
});

it('only a node that must have certain ports is given them', () => {
  const [first, second] = planNodes(options, [], secrets);
  expect(first?.ports).toEqual([8123, 9000]);
  expect(second?.ports).toEqual([
    { container: 8123, host: 20_001 },
    { container: 9000, host: 20_002 },
  ]);
});

it('every Keeper gets a server id of its own in the same ensemble', () => {
  const plans = planKeepers('clickhouse/clickhouse-keeper:26.3', keeperNames(3));
  const servers = plans.map(
    ({ files }) => parse(files['/etc/clickhouse-keeper/keeper_config.xml']).keeper_server,
  );
  expect(servers.map(({ server_id }) => server_id)).toEqual(['1', '2', '3']);
  for (const { raft_configuration } of servers) {
    expect(raft_configuration.server).toEqual(
      [1, 2, 3].map((n) => ({ id: `${n}`, hostname: `clickhouse-keeper-0${n}`, port: '9234' })),
    );
  }
});
