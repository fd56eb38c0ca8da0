import {
  droppedPackets,
  dropPackets,
  packetMark,
  whyNotDropped,
  type Cut,
} from '@provehouse/infra';
import type { Finding } from '../../verdict.ts';
import { whyNoEnsemble, whyNoPeer, whyNoReplication, withOneReplicaAway } from '../capable.ts';
import { comesTrue, proof } from '../component-state.ts';
import type { Fault, WritesDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';
import { replicaActivity } from '../replica-activity.ts';
import type { Schedule } from '../schedule.ts';
import { groupOfComponent, whyNotTold } from './component-group.ts';

/** What nodes say to each other, and to their coordinators, no longer arrives. */
interface Broken {
  readonly peer: boolean;
  readonly coordination: boolean;
}

/** A node that is cut off from its peer. */
export const cutOffFromPeer = cutOff({
  name: 'cut-off-from-peer',
  title: 'A node is cut off from the other replica of its shard',
  proves:
    'While two replicas cannot reach each other, both go on by way of coordination, and what each has written is fetched by the other when they can.',
  broken: { peer: true, coordination: false },
});

/** A node that is cut off from coordination. */
export const cutOffFromCoordination = cutOff({
  name: 'cut-off-from-coordination',
  title: 'A node is cut off from coordination',
  proves:
    'A node that does not reach coordination turns read-only instead of going its own way; writes go on through its peer, and it catches up afterwards.',
  broken: { peer: false, coordination: true },
});

/** A node that is cut off from both. */
export const cutOffFromBoth = cutOff({
  name: 'cut-off-from-both',
  title: 'A node is cut off from its peer and from coordination',
  proves:
    'A node that is alone accepts nothing that the others would not know of; writes go on through its peer, and it catches up afterwards.',
  broken: { peer: true, coordination: true },
});

function cutOff({
  broken,
  ...texts
}: Pick<WritesDrill, 'name' | 'title' | 'proves'> & { readonly broken: Broken }): WritesDrill {
  return {
    ...texts,
    doesNotProve:
      'That packets which arrive late, twice or in part are survived: they are dropped.',
    workload: 'writes',
    guarantee: 'single',
    holdSeconds: 4,
    recoverySeconds: 60,
    async unavailable(target) {
      return (
        whyNoReplication(target) ??
        whyNoPeer(target) ??
        whyNoEnsemble(target) ??
        (await whyNotDropped()) ??
        (await whyNotTold(
          target.runtime,
          target.deployment.clickhouse.nodes.map(({ name }) => name),
        ))
      );
    },
    writes: withOneReplicaAway,
    fault: (target, schedule, table) => cutOffFault(target, schedule, table, broken),
  };
}

async function cutOffFault(
  target: DrillTarget,
  schedule: Schedule,
  table: string,
  broken: Broken,
): Promise<Fault> {
  const { node, peer = node } = schedule;
  const mark = await packetMark(node);
  const cuts = await cutsOf(target, node, peer, broken);
  return {
    undo: [{ kind: 'packets', mark }],
    inject: () => dropPackets(cuts, mark),
    async prove() {
      const dropped = await comesTrue(15, async () => (await droppedPackets(mark)) > 0);
      const alone =
        !broken.coordination ||
        (await comesTrue(
          30,
          async () => (await replicaActivity(target, node, table))?.readonly === true,
        ));
      return proof(
        dropped && alone,
        `packets of ${node} are dropped${broken.coordination ? ', and its table is read-only' : ''}`,
        `${await droppedPackets(mark)} dropped${broken.coordination ? `, ${alone ? 'read-only' : 'still writable'}` : ''}`,
      );
    },
    ...(broken.coordination && { during: () => judgeActivity(target, peer, table) }),
  };
}

async function cutsOf(
  { runtime, deployment }: DrillTarget,
  node: string,
  peer: string,
  broken: Broken,
): Promise<Cut[]> {
  const portsOf = (name: string): number[] => {
    const found = deployment.clickhouse.nodes.find((candidate) => candidate.name === name);
    const { httpPort = 0, nativePort = 0, interserverPort } = found ?? {};
    return [httpPort, nativePort, ...(interserverPort === undefined ? [] : [interserverPort])];
  };
  const [own = 0, other = 0] = await Promise.all(
    [node, peer].map((name) => groupOfComponent(runtime, name)),
  );
  const coordinators = (deployment.clickhouse.coordination?.servers ?? []).map(({ port }) => port);
  return [
    ...(broken.peer
      ? [
          { group: own, ports: portsOf(peer) },
          { group: other, ports: portsOf(node) },
        ]
      : []),
    ...(broken.coordination ? [{ group: own, ports: coordinators }] : []),
  ];
}

/** Whether the peer knows that it is the only active replica. */
async function judgeActivity(target: DrillTarget, peer: string, table: string): Promise<Finding[]> {
  const alone = await comesTrue(
    20,
    async () => (await replicaActivity(target, peer, table))?.active === 1,
  );
  return [
    {
      status: alone ? 'passed' : 'failed',
      subject: 'active replicas while it lasted',
      node: peer,
      expected: '1, as the peer sees it',
      observed: alone ? '1' : 'still 2 after 20 s',
    },
  ];
}
