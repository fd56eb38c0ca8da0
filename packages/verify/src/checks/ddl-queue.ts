import type { Deployment } from '@provehouse/infra';
import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes, type Answers } from '../clickhouse/ask-nodes.ts';
import { ddlEntries, type DdlEntry } from '../clickhouse/ddl-entries.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { isSilent } from '../clickhouse/silent-node.ts';
import { withoutLiterals } from '../clickhouse/without-literals.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

/** Servers keep up to a thousand statements of a week; those before are long done, or shown elsewhere. */
const NEWEST = 50;
const DEFAULT_QUEUE = '/clickhouse/task_queue/ddl';
const SHOWN_LENGTH = 200;

const hostRow = z.object({
  host_name: z.string(),
  host_address: z.string(),
  port: z.coerce.number(),
});

/** Whether statements for all nodes have reached all nodes. */
export const ddlQueue: ClusterCheck = {
  name: 'ddl-queue',
  title: 'Every node has executed what was given ON CLUSTER',
  proves: `Each of the newest ${NEWEST} statements ON CLUSTER was executed, without an error, by every host that it names, or was given again since and then executed. A node that was down meanwhile, or that other nodes know under another address, shows here; what waits for hosts that are in no cluster any more warns, as nobody will execute it.`,
  scope: 'cluster',
  run: async (context) => {
    if (!context.deployment.clickhouse.capabilities.distributedDdl) {
      return [
        {
          status: 'skipped',
          expected: 'a queue of statements for all nodes',
          observed: 'none',
          reason: 'ON CLUSTER does not work on this platform.',
        },
      ];
    }
    return settle(context.contract.replicas.settleSeconds, () => look(context));
  },
};

async function look(context: ClusterContext): Promise<readonly Finding[]> {
  const { answers, silent } = await readQueue(context);
  const away = context.cluster.nodes.filter(isSilent).map(({ node }) => node.name);
  const known = await hostsOfClusters(context);
  return [
    ...answers.flatMap(({ value: entries }) => {
      const findings = entries.flatMap((entry, at) => {
        const given = { clickhouse: context.deployment.clickhouse, later: entries.slice(at + 1) };
        return judge(entry, { ...given, away, known });
      });
      return findings.length > 0 ? findings : [allExecuted(entries.length)];
    }),
    ...silent,
  ];
}

/** All nodes read the same queue: the first that can tell is enough. */
async function readQueue({ cluster, deployment }: ClusterContext): Promise<Answers<DdlEntry[]>> {
  const queue = deployment.clickhouse.coordination?.ddlQueue ?? DEFAULT_QUEUE;
  const silent: Finding[] = [];
  for (const node of cluster.nodes) {
    const outcome = await askNodes([node], (client) => ddlEntries(client, queue, NEWEST));
    if (outcome.answers.length > 0) return outcome;
    silent.push(...outcome.silent);
  }
  return { answers: [], silent };
}

const allExecuted = (statements: number): Finding => ({
  status: 'passed',
  subject: 'queue',
  expected: 'every statement is executed by every host',
  observed: `${statements} of ${statements} are`,
});

/** What an entry is judged by. */
interface Surroundings {
  readonly clickhouse: Deployment['clickhouse'];
  /** The statements that were given after it. */
  readonly later: readonly DdlEntry[];
  /** Nodes that are known not to answer: what waits for them alone is no fault of its own. */
  readonly away: readonly string[];
  /** The addresses that any node has in any cluster. */
  readonly known: ReadonlySet<string>;
}

function judge(entry: DdlEntry, { clickhouse, later, away, known }: Surroundings): Finding[] {
  const { name, query, hosts, active, finished } = entry;
  const again = later.filter((other) => isSame(other, entry));
  const done = (host: string): boolean => again.some(({ finished: f }) => isDone(f.get(host)));
  const everywhere = again.some((other) =>
    other.hosts.every((host) => isDone(other.finished.get(host))),
  );
  const isGone = (host: string): boolean =>
    nodeOf(clickhouse, host) === undefined && !known.has(decodeURIComponent(host));
  const left = hosts.filter((host) => !finished.has(host) && !(everywhere && isGone(host)));
  const failed = [...finished].filter(([host, said]) => !isDone(said) && !done(host));
  if (left.length === 0 && failed.length === 0) return [];
  const said = [
    ...left.map((host) => [host, active.includes(host) ? 'is executing it' : 'has not'] as const),
    ...failed.map(([host, error]) => [host, shown(error)] as const),
  ].map(([host, words]) => ({
    node: nodeOf(clickhouse, host) ?? decodeURIComponent(host),
    said: isGone(host) ? `${words}, and is in no cluster` : words,
  }));
  const old = failed.length === 0 && left.every(isGone);
  const waits = failed.length === 0 && said.every(({ node }) => away.includes(node));
  return [
    {
      status: old ? 'warned' : waits ? 'skipped' : 'failed',
      subject: name,
      expected: `${hosts.length} hosts execute it`,
      observed: said.map((one) => `${one.node}: ${one.said}`).join('; '),
      reason: old
        ? 'No node has these hosts in any cluster: nobody will execute it for them, and the entry goes by itself after a week (task_max_lifetime). If a node under another address lacks what it does, give the statement again.'
        : 'Look whether the node runs and reaches coordination: it catches up by itself then. A statement that failed must be given again.',
      evidence: [evidence(shown(query), said)],
    },
  ];
}

/** Whether a host wrote that all went well. */
const isDone = (said: string | undefined): boolean => said !== undefined && /^0(\n|$)/.test(said);

/** Whether two entries are of one statement; the server adds a UUID of its own to a new table. */
const isSame = (one: DdlEntry, other: DdlEntry): boolean =>
  withoutUuid(one.query) === withoutUuid(other.query);

const withoutUuid = (query: string): string => query.replaceAll(/ UUID '[0-9a-f-]*'/g, '');

/** The addresses of all clusters as those nodes have them that answer. */
async function hostsOfClusters({ cluster }: ClusterContext): Promise<ReadonlySet<string>> {
  const { answers } = await askNodes(cluster.nodes, (client) =>
    client.query('SELECT DISTINCT host_name, host_address, port FROM system.clusters', hostRow),
  );
  return new Set(
    answers.flatMap(({ value }) =>
      value.flatMap(({ host_name, host_address, port }) => [
        `${host_name}:${port}`,
        `${host_address}:${port}`,
      ]),
    ),
  );
}

const shown = (text: string): string =>
  withoutLiterals(text).replaceAll('\n', ' ').slice(0, SHOWN_LENGTH);

/** The node that an entry means by `host%2Ename:port`, if the deployment knows it. */
function nodeOf({ nodes }: Deployment['clickhouse'], host: string): string | undefined {
  const address = decodeURIComponent(host);
  const known = nodes.find(({ host: own, nativePort, inside }) =>
    [`${own}:${nativePort}`, `${inside?.host ?? own}:${inside?.nativePort ?? nativePort}`].includes(
      address,
    ),
  );
  return known?.name;
}
