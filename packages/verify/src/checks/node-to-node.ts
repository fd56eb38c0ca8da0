import { QueryError } from '@provehouse/infra/clickhouse';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes, type Answer } from '../clickhouse/ask-nodes.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { isSilent } from '../clickhouse/silent-node.ts';
import {
  askPeer,
  isFromPeer,
  peersOf,
  peerSql,
  saidOfPeer,
  type Peer,
  type Reached,
} from '../clickhouse/peers.ts';
import type { Finding } from '../verdict.ts';
import { judgeInserts, type Arrival } from './insert-rights.ts';

/** UNKNOWN_FUNCTION, SYNTAX_ERROR, UNKNOWN_SETTING: old servers cannot ask one peer of a cluster. */
const UNKNOWN = ['46', '62', '115'];
/** READONLY, ACCESS_DENIED: the account may not set what it takes, or not use table functions. */
const NOT_ALLOWED = ['164', '497'];

/** What a node got from one peer: the account that it had there, or the error. */
interface Visit {
  readonly peer: Peer;
  readonly reached?: Reached;
  readonly said?: string;
}

type Visits = { readonly visits: readonly Visit[] } | { readonly reason: string };

/** Whether the nodes get what they need from each other. */
export const nodeToNode: ClusterCheck = {
  name: 'node-to-node',
  title: 'Every node reads from every other, and may insert there',
  scope: 'cluster',
  proves:
    'Each node was asked for a row of each member of the cluster, itself included, with the address, ' +
    'port and account or secret that its own remote_servers names. The account under which the query ' +
    'arrives has the right to insert into the local tables there, by its grants and its profile: ' +
    'nothing is written. It was asked once, not under load.',
  async run(context) {
    const { answers: all, silent } = await askNodes(context.cluster.nodes, (client) =>
      visitPeers(context, client),
    );
    const answers = all.map((answer) => ({
      ...answer,
      value: withoutSilent(context, answer.value),
    }));
    return [
      ...answers.map((answer) => judge(context, answer, culprits(answers))),
      ...(await judgeInserts(context, arrivalsOf(answers))),
      ...silent,
    ];
  },
};

async function visitPeers(
  { cluster, deployment: { clickhouse } }: ClusterContext,
  client: NodeClient,
): Promise<Visits> {
  const all = await peersOf(client, clickhouse.cluster, clickhouse.nodes);
  if (all.length === 0) return { visits: [] };
  const silent = silentNames(cluster);
  const peers = all.filter(({ name }) => !silent.includes(name));
  const visits = await Promise.all(peers.map((peer) => visit(client, clickhouse.cluster, peer)));
  const reason = visits.find((one) => typeof one === 'string');
  return reason === undefined
    ? { visits: visits.filter((one) => typeof one !== 'string') }
    : { reason };
}

/** What a node gets from a peer, or why it cannot ask any. */
async function visit(client: NodeClient, cluster: string, peer: Peer): Promise<Visit | string> {
  try {
    const reached = await askPeer(client, cluster, peer);
    return reached === undefined ? { peer, said: 'no row' } : { peer, reached };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const said = saidOfPeer(error);
    if (isFromPeer(error)) return { peer, said };
    if (UNKNOWN.includes(error.code ?? '')) {
      return 'A server of this version cannot ask one member of a cluster alone.';
    }
    return NOT_ALLOWED.includes(error.code ?? '')
      ? `The account may not ask: ${said}`
      : { peer, said };
  }
}

const silentNames = ({ nodes }: ClusterContext['cluster']): string[] =>
  nodes.filter(isSilent).map(({ node }) => node.name);

/** That a node does not answer at all is one failure, of nodes-answer, also when it falls silent meanwhile. */
function withoutSilent({ cluster }: ClusterContext, value: Visits): Visits {
  if ('reason' in value) return value;
  const silent = silentNames(cluster);
  return { visits: value.visits.filter(({ peer }) => !silent.includes(peer.name)) };
}

const failed = (value: Visits): readonly Visit[] =>
  'visits' in value ? value.visits.filter(({ said }) => said !== undefined) : [];

/** The nodes that take part in every failure, if one does: theirs is the fault. */
function culprits(answers: readonly Answer<Visits>[]): readonly string[] {
  const pairs = answers.flatMap(({ node, value }) =>
    'visits' in value && value.visits.length === 0
      ? [[node]]
      : failed(value).map(({ peer }) => [node, peer.name]),
  );
  const [first] = pairs;
  if (first === undefined || pairs.length === 1) return [];
  return [...new Set(first)].filter((name) => pairs.every((pair) => pair.includes(name)));
}

function judge(
  { deployment: { clickhouse } }: ClusterContext,
  { node, value }: Answer<Visits>,
  suspects: readonly string[],
): Finding {
  const about = { subject: 'reading', node, expected: 'a row from every member of the cluster' };
  if ('reason' in value) {
    return { ...about, status: 'skipped', observed: 'not asked', reason: value.reason };
  }
  const { visits } = value;
  const wrong = failed(value);
  if (visits.length === 0) {
    const reason = `Correct remote_servers on ${node}, and clickhouse.cluster of the deployment.`;
    return { ...about, status: 'failed', observed: `no cluster ${clickhouse.cluster}`, reason };
  }
  const suspect = suspects.length === 1 ? suspects[0] : undefined;
  return {
    ...about,
    status: wrong.length === 0 ? 'passed' : 'failed',
    observed:
      wrong.length === 0
        ? `${visits.length} of ${visits.length} answer`
        : wrong.map(({ peer, said }) => `${peer.name}: ${said ?? ''}`).join('; '),
    ...(wrong.length > 0 && {
      reason:
        suspect === undefined
          ? `Compare address, port, user, password and secret of ${wrong.map(({ peer }) => peer.name).join(', ')} in remote_servers on ${node} with what is there.`
          : `${suspect} takes part in all that fails: compare its remote_servers (secret, user, password), its port and its users with those of the others.`,
    }),
    evidence: [
      evidence(
        `Members of ${clickhouse.cluster} asked by ${node}`,
        visits.map(({ peer, reached, said }) => ({
          ...{ member: peer.name, address: peer.address },
          ...{ account: reached?.user ?? '', said: said ?? 'a row' },
        })),
      ),
    ],
    sql: (wrong.length > 0 ? wrong : visits)
      .slice(0, 1)
      .map(({ peer }) => peerSql(clickhouse.cluster, peer)),
  };
}

const arrivalsOf = (answers: readonly Answer<Visits>[]): readonly Arrival[] =>
  answers.flatMap(({ node: from, value }) =>
    ('visits' in value ? value.visits : []).flatMap(({ peer, reached }) =>
      reached === undefined ? [] : [{ from, to: peer.name, ...reached }],
    ),
  );
