import { expect, test } from 'vitest';
import type { AskedNode } from './ask-node.ts';
import { describeNodes } from './describe-nodes.ts';
import type { FoundMember } from './reach-members.ts';

const MACROS = { shard: '01', replica: 'dwh-05-01-1' };

interface Given {
  readonly host?: string;
  readonly at?: string;
  readonly place?: readonly [number, number];
  readonly name?: string;
  readonly macros?: Readonly<Record<string, string>>;
}

function found({
  host = 'ch-01',
  at = host,
  place = [1, 1],
  name = host,
  macros = {},
}: Given): FoundMember {
  const [shard_num, replica_num] = place;
  const address = { host: at, port: 8123, secure: false };
  const node: AskedNode = {
    ...{
      address,
      pinned: address,
      version: '26.7.2.1',
      displayName: name,
      hostName: host,
      members: [],
    },
    macros: new Map(Object.entries(macros)),
  };
  return {
    member: {
      ...{
        cluster: 'dwh',
        shard_num,
        shard_weight: 1,
        replica_num,
        host_name: host,
        host_address: '10.0.0.1',
      },
      ...{ port: 9000, is_local: 0 },
    },
    ...{ address, node, ports: { http: 8123, native: 9000 }, nativeAddress: undefined, tried: [] },
  };
}

test('a node is called and placed as it says itself', () => {
  const nodes = describeNodes([found({ name: 'one', macros: MACROS })], {});
  expect(nodes).toEqual([
    {
      ...{ name: 'one', shard: '01', replica: 'dwh-05-01-1' },
      ...{ host: 'ch-01', httpPort: 8123, nativePort: 9000 },
    },
  ]);
});

test('one that is reached elsewhere keeps the address that the others use', () => {
  const [node] = describeNodes([found({ at: '127.0.0.1' })], {});
  expect(node).toMatchObject({
    ...{ host: '127.0.0.1', inside: { host: 'ch-01', httpPort: 8123, nativePort: 9000 } },
  });
  expect(node?.nativePortUnknown).toBe(true);
  const others = describeNodes([found({}), found({ at: '10.0.0.1' })], {});
  expect(others.map(({ nativePortUnknown }) => nativePortUnknown)).toEqual([undefined, undefined]);
});

test('names that do not tell the nodes apart are not taken', () => {
  const two = [
    found({ host: 'vm', name: 'clickhouse' }),
    { ...found({ host: 'vm', name: 'clickhouse', place: [2, 1] }) },
  ].map((one, index) => ({ ...one, member: { ...one.member, port: 9000 + index } }));
  expect(describeNodes(two, {}).map(({ name }) => name)).toEqual(['vm:9000', 'vm:9001']);
});

test('without macros, or where they do not tell the nodes apart, places are numbers', () => {
  const places = (of: readonly FoundMember[]) =>
    describeNodes(of, {}).map(({ shard, replica }) => [shard, replica]);
  expect(places([found({}), found({ host: 'b', place: [2, 1] })])).toEqual([
    ['1', '1'],
    ['2', '1'],
  ]);
  const alike = [found({ macros: MACROS }), found({ host: 'b', place: [1, 2], macros: MACROS })];
  expect(places(alike)).toEqual([
    ['1', '1'],
    ['1', '2'],
  ]);
});

test('a node that lacks its macros is placed by the others of its shard, so that the check of macros names it', () => {
  const nodes = describeNodes(
    [
      found({ macros: { shard: 'west', replica: 'a' } }),
      found({ host: 'b', place: [1, 2], macros: {} }),
      found({ host: 'c', place: [2, 1], macros: { shard: 'east', replica: 'a' } }),
    ],
    {},
  );
  expect(nodes.map(({ shard, replica }) => [shard, replica])).toEqual([
    ['west', 'a'],
    ['west', '2'],
    ['east', 'a'],
  ]);
});
