import { expect, test } from 'vitest';
import { chooseCluster, ClusterChoiceError } from './choose-cluster.ts';
import type { ListedMember } from './listed-member.ts';

const member = (cluster: string, shard_num = 1, replica_num = 1): ListedMember => ({
  ...{
    cluster,
    shard_num,
    shard_weight: 1,
    replica_num,
    host_name: 'a',
    host_address: '10.0.0.1',
    port: 9000,
  },
  is_local: 0,
});
const members = [
  member('default'),
  ...[member('dwh'), member('dwh', 2)],
  ...[member('logs'), member('logs', 1, 2)],
  ...[member('test_shard_localhost'), member('test_cluster_two_shards', 2)],
];

test('the cluster that is asked for is taken, and one that is not there is refused with those that are', () => {
  expect(chooseCluster(members, { asked: 'logs', macro: 'dwh', named: [] })).toBe('logs');
  expect(() => chooseCluster(members, { asked: 'lgos', named: [] })).toThrow(
    /a cluster lgos[^]*dwh: 2 shards, 2 members[^]*logs: 1 shard, 2 members[^]*--cluster/,
  );
});

test('unless it is said, the macro decides, then the tables, then that there is only one', () => {
  expect(chooseCluster(members, { macro: 'dwh', named: ['logs'] })).toBe('dwh');
  expect(chooseCluster(members, { macro: 'gone', named: ['logs', 'logs'] })).toBe('logs');
  const few = members.filter(({ cluster }) => cluster !== 'logs');
  expect(chooseCluster(few, { named: [] })).toBe('dwh');
  expect(chooseCluster([member('default')], { named: [] })).toBe('default');
});

test('of several nobody guesses, and without any it is said what is missing', () => {
  expect(() => chooseCluster(members, { named: ['dwh', 'logs'] })).toThrow(ClusterChoiceError);
  expect(() => chooseCluster(members, { named: [] })).toThrow(/Expected one cluster/);
  expect(() => chooseCluster([], { named: [] })).toThrow(/found none[^]*remote_servers/);
});
