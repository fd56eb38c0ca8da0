import {
  droppedPackets,
  dropPackets,
  letPacketsPass,
  packetMark,
  whyNotDropped,
  type Cut,
} from '@provehouse/infra';
import { quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import { tableName } from '../../clickhouse/cluster.ts';
import { whyNoEnsemble, whyNoPeer, whyNoReplication } from '../capable.ts';
import { comesTrue, proof } from '../component-state.ts';
import type { Fault, WritesDrill, Workload } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';
import { lacksFix, type KnownLoss } from '../known-loss.ts';
import { replicaActivity } from '../replica-activity.ts';
import type { Schedule } from '../schedule.ts';
import { GIVE_UP_MS } from '../writes/writer.ts';
import { groupOfComponent, whyNotTold } from './component-group.ts';

/** https://github.com/ClickHouse/ClickHouse/pull/111196, and what it was backported to. */
const FIXED_IN = ['26.3.33.61', '26.6.5.114', '26.7.7.87', '26.8.3.98'];

/** Inserts that end otherwise than by an answer. */
const ENDINGS = ['KILL QUERY', 'the client goes away'] as const;
type Ending = (typeof ENDINGS)[number];

/** An insert that is hit by something else than what was meant is tried again. */
const TRIES = 4;

const rolledBackCommit: KnownLoss = {
  fault: `An insert that is cancelled before the node knows whether coordination has taken its part removes the part all the same; when it is sent again it counts as a duplicate (ClickHouse pull request 111196, fixed in ${FIXED_IN.join(', ')}).`,
  protection:
    'insert_quorum keeps from it: the repeated insert is acknowledged only when another replica has the part.',
  isIn: ({ deployment }) => Promise.resolve(lacksFix(deployment.clickhouse.version, FIXED_IN)),
};

/** Inserts that end while nobody but coordination knows that they were committed. */
export const killInsert: WritesDrill = {
  name: 'kill-insert',
  title: "Inserts are ended while coordination's answer to their commit is lost",
  proves:
    'An insert that is ended by KILL QUERY, or whose client goes away, after coordination has taken its part and before the node knows, can be sent again: what was acknowledged stays, and nothing is there twice.',
  doesNotProve:
    'That an insert is safe which is ended and never sent again: its client got no acknowledgement.',
  workload: 'writes',
  guarantee: 'single',
  knownLoss: rolledBackCommit,
  holdSeconds: 1,
  recoverySeconds: 90,
  async unavailable(target) {
    const { runtime, deployment } = target;
    const coordinators = (deployment.clickhouse.coordination?.servers ?? []).map(
      ({ name = '' }) => name,
    );
    return (
      whyNoReplication(target) ??
      whyNoPeer(target) ??
      whyNoEnsemble(target) ??
      (await whyNotDropped()) ??
      (await whyNotTold(runtime, coordinators))
    );
  },
  writes: () => 'accepted',
  fault: killInsertFault,
};

async function killInsertFault(
  target: DrillTarget,
  { node, peer = node }: Schedule,
  table: string,
  workload: Workload,
): Promise<Fault> {
  const { cluster } = target;
  const mark = await packetMark(node);
  const cuts = await answersToCommits(target, node, table);
  const ended: Record<Ending, number> = { 'KILL QUERY': 0, 'the client goes away': 0 };
  let dropped = 0;

  /** One insert that ends so; whether its commit was under way when it did. */
  async function endInsert(ending: Ending): Promise<boolean> {
    await dropPackets(cuts, mark);
    try {
      const sent = workload.sendTo(node);
      const unanswered = await comesTrue(
        GIVE_UP_MS / 1000,
        async () => (await droppedPackets(mark)) > 0,
      );
      const hit =
        ending === 'KILL QUERY'
          ? unanswered && (await killInserts(target, node, table)) > 0
          : await comesTrue(GIVE_UP_MS / 500, () => outlivesClient(target, node, table));
      await sent;
      await comesTrue(20, async () => (await insertsOn(target, node, table)).length === 0);
      dropped += await droppedPackets(mark);
      return unanswered && hit;
    } finally {
      await letPacketsPass(mark);
      await comesTrue(20, async () => {
        const activity = await replicaActivity(target, node, table);
        return activity?.readonly === false && activity.active === 2;
      });
    }
  }

  const fetches = async (verb: 'STOP' | 'START'): Promise<void> => {
    // With a quorum the other replica must have the rows; without one it may be behind.
    if (workload.guarantee === 'quorum') return;
    const sql = `SYSTEM ${verb} FETCHES ${tableName(target.deployment, table)}`;
    await Promise.all([node, peer].map((name) => cluster.node(name).command(sql)));
  };

  return {
    undo: [{ kind: 'packets', mark }],
    async inject() {
      await fetches('STOP');
      for (const ending of ENDINGS) {
        for (let tries = 0; tries < TRIES && ended[ending] === 0; tries += 1) {
          if (await endInsert(ending)) ended[ending] += 1;
        }
      }
      await fetches('START');
    },
    prove: () =>
      Promise.resolve(
        proof(
          ENDINGS.every((ending) => ended[ending] > 0) && dropped > 0,
          `an insert on ${node} ends by KILL QUERY, and one because its client goes away, while the answer to its commit is lost`,
          `${ended['KILL QUERY']} killed, ${ended['the client goes away']} left by their clients, ${dropped} packets dropped`,
        ),
      ),
    lift: async () => {
      await letPacketsPass(mark);
      await fetches('START');
    },
  };
}

/**
 * What coordinators answer to a node that commits a part: they name the entry that they have made for it
 * (https://zookeeper.apache.org/doc/current/zookeeperProgrammers.html, the answer to `create`).
 */
async function answersToCommits(
  { runtime, deployment, cluster }: DrillTarget,
  node: string,
  table: string,
): Promise<Cut[]> {
  const { coordination, database } = deployment.clickhouse;
  const sql = `SELECT replica_path AS path FROM system.replicas
    WHERE database = ${quoteText(database)} AND table = ${quoteText(table)}`;
  const [replica] = await cluster.node(node).query(sql, z.object({ path: z.string() }));
  if (replica === undefined) throw new RangeError(`${node} does not replicate ${table}`);
  return Promise.all(
    (coordination?.servers ?? []).map(async ({ name = '', port }) => ({
      ...{ group: await groupOfComponent(runtime, name), from: port },
      text: `${replica.path}/parts/`,
    })),
  );
}

const insertRow = z.object({ id: z.string(), seconds: z.coerce.number() });

/** The inserts into a drill's tables that a node is at, with how long it has been. @throws QueryError */
function insertsOn({ cluster }: DrillTarget, node: string, table: string) {
  const name = table.replace(/_local$/, '');
  const sql = `SELECT query_id AS id, elapsed AS seconds FROM system.processes
    WHERE query_kind = 'Insert' AND position(query, ${quoteText(name)}) > 0`;
  return cluster.node(node).query(sql, insertRow);
}

/** Ends the inserts that a node is at; how many there were. @throws QueryError */
async function killInserts(target: DrillTarget, node: string, table: string): Promise<number> {
  const inserts = await insertsOn(target, node, table);
  const ids = inserts.map(({ id }) => quoteText(id)).join(', ');
  if (ids !== '') {
    await target.cluster.node(node).command(`KILL QUERY WHERE query_id IN (${ids}) ASYNC`);
  }
  return inserts.length;
}

/** Whether a node is at an insert whose client has given it up. @throws QueryError */
const outlivesClient = async (target: DrillTarget, node: string, table: string): Promise<boolean> =>
  (await insertsOn(target, node, table)).some(({ seconds }) => seconds * 1000 > GIVE_UP_MS);
