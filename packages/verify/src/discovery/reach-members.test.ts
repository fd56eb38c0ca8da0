import { expect, test } from 'vitest';
import type { AskedNode } from './ask-node.ts';
import type { ListedMember } from './listed-member.ts';
import { reachMembers } from './reach-members.ts';

const member = (replica_num: number, is_local: number): ListedMember => ({
  ...{ cluster: 'dwh', shard_num: 1, shard_weight: 1, replica_num, is_local },
  ...{ host_name: '127.0.0.1', host_address: '127.0.0.1', port: 9000 + replica_num },
});

/** A server that takes both replicas of its shard for itself, as 18.16 does on one host. */
function node(port: number): AskedNode {
  const address = { host: '127.0.0.1', port, secure: false };
  return {
    ...{ address, pinned: address, version: '18.16.1', displayName: 'vm', hostName: 'vm' },
    ...{ macros: new Map(), members: [member(1, 1), member(2, 1)] },
  };
}

test('each of the nodes that were named is one member, also where it takes itself for several', async () => {
  const found = await reachMembers({
    ...{ cluster: 'dwh', members: [member(1, 0), member(2, 0)], seeds: [node(8123), node(8124)] },
    ...{ behind: [], ports: new Map(), map: new Map(), tls: undefined },
    account: { user: 'su', password: '' },
  });
  expect(found.map(({ address }) => address.port)).toEqual([8123, 8124]);
});
