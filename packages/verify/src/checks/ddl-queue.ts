import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { quoteText, type NodeClient } from '../clickhouse/cluster.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

/** Servers keep up to a thousand statements of a week; those before are long done, or told elsewhere. */
const NEWEST = 50;
const DEFAULT_QUEUE = '/clickhouse/task_queue/ddl';

/** Whether statements for all nodes have reached all nodes. */
export const ddlQueue: ClusterCheck = {
  name: 'ddl-queue',
  title: 'Every node has executed what was given ON CLUSTER',
  proves: `Each of the newest ${NEWEST} statements ON CLUSTER was executed, without an error, by every host that it names. A node that was down meanwhile, or that other nodes know under another address, shows here.`,
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

/** A statement of the queue, and what each host made of it. */
interface Entry {
  readonly name: string;
  readonly query: string;
  readonly hosts: readonly string[];
  /** What each host wrote: `0` and nothing else when all went well. */
  readonly finished: ReadonlyMap<string, string>;
}

async function look({ cluster, deployment }: ClusterContext): Promise<readonly Finding[]> {
  const queue = deployment.clickhouse.coordination?.ddlQueue ?? DEFAULT_QUEUE;
  // All nodes read the same queue: the first that can tell is enough.
  const { answers, silent } = await askNodes(cluster.nodes.slice(0, 1), (client) =>
    entriesOf(client, queue),
  );
  const findings = answers.flatMap(({ value }) =>
    value.flatMap((entry) => judge(deployment, entry)),
  );
  const executed = answers.map(({ value }): Finding => ({
    status: 'passed',
    subject: 'queue',
    expected: 'every statement is executed by every host',
    observed: `${value.length - new Set(findings.map(({ subject }) => subject)).size} of ${value.length} are`,
  }));
  return [...executed, ...findings, ...silent];
}

const nodeRow = z.object({ name: z.string(), value: z.string() });

async function entriesOf(client: NodeClient, queue: string): Promise<Entry[]> {
  const children = (path: string): Promise<z.infer<typeof nodeRow>[]> =>
    client.query(
      `SELECT name, value FROM system.zookeeper WHERE path = ${quoteText(path)} ORDER BY name`,
      nodeRow,
    );
  const root = await client.query(
    `SELECT count() AS nodes FROM system.zookeeper
     WHERE path = ${quoteText(parentOf(queue))} AND name = ${quoteText(lastOf(queue))}`,
    z.object({ nodes: z.coerce.number() }),
  );
  // The first statement makes the queue.
  if (root[0]?.nodes !== 1) return [];
  const entries = (await children(queue)).filter(({ name }) => name.startsWith('query-'));
  return Promise.all(
    entries.slice(-NEWEST).map(async ({ name, value }) => ({
      name,
      ...parseEntry(value),
      finished: new Map(
        (await children(`${queue}/${name}/finished`)).map((done) => [done.name, done.value]),
      ),
    })),
  );
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The lines `query:` and `hosts:` of an entry, of which the first may be long and escaped. */
function parseEntry(text: string): Pick<Entry, 'query' | 'hosts'> {
  const query = /^query: (.*)$/m.exec(text)?.[1] ?? '';
  const hosts = /^hosts: \[(.*)\]$/m.exec(text)?.[1] ?? '';
  return {
    query: withoutLiterals(query),
    hosts: [...hosts.matchAll(/'([^']*)'/g)].map(([, host = '']) => host),
  };
}

/** A statement without its literals, among which there may be a password. */
const withoutLiterals = (query: string): string =>
  query.replaceAll(/\\'(?:(?!\\').)*\\'|'[^']*'/g, "'…'").slice(0, 200);

function judge(deployment: ClusterContext['deployment'], entry: Entry): Finding[] {
  const left = entry.hosts.filter((host) => !entry.finished.has(host));
  const failed = [...entry.finished].filter(([, value]) => !/^0(\n|$)/.test(value));
  if (left.length === 0 && failed.length === 0) return [];
  return [
    {
      status: 'failed',
      subject: entry.name,
      expected: `${entry.hosts.length} hosts execute it`,
      observed: [
        ...left.map((host) => `${nameOf(deployment, host)} has not`),
        ...failed.map(
          ([host, value]) =>
            `${nameOf(deployment, host)}: ${withoutLiterals(value.replaceAll('\n', ' '))}`,
        ),
      ].join('; '),
      reason: 'Look whether the node runs and reaches coordination; it catches up by itself then.',
      evidence: [evidence('Statement', [{ entry: entry.name, query: entry.query }])],
    },
  ];
}

/** The node that an entry means by `host%2Ename:port`, if the deployment knows it. */
function nameOf({ clickhouse }: ClusterContext['deployment'], host: string): string {
  const address = decodeURIComponent(host);
  const node = clickhouse.nodes.find(({ host: own, nativePort, inside }) =>
    [`${own}:${nativePort}`, `${inside?.host ?? own}:${inside?.nativePort ?? nativePort}`].includes(
      address,
    ),
  );
  return node?.name ?? address;
}
