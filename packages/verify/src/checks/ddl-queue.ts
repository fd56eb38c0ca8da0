import type { Deployment } from '@provehouse/infra';
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

async function look(context: ClusterContext): Promise<readonly Finding[]> {
  const { answers, silent } = await readQueue(context);
  const away = context.cluster.nodes.filter(isSilent).map(({ node }) => node.name);
  return [
    ...answers.flatMap(({ value: entries }) => {
      const findings = entries.flatMap((entry) => judge(context.deployment, entry, away));
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

/** @param away nodes that are known not to answer: what waits for them alone is no fault of its own */
function judge({ clickhouse }: Deployment, entry: DdlEntry, away: readonly string[]): Finding[] {
  const { name, query, hosts, active, finished } = entry;
  const left = hosts.filter((host) => !finished.has(host));
  const failed = [...finished].filter(([, said]) => !/^0(\n|$)/.test(said));
  if (left.length === 0 && failed.length === 0) return [];
  const said = [
    ...left.map((host) => [host, active.includes(host) ? 'is executing it' : 'has not'] as const),
    ...failed.map(([host, error]) => [host, shown(error)] as const),
  ].map(([host, words]) => ({ node: nodeOf(clickhouse, host), said: words }));
  const waits = failed.length === 0 && said.every(({ node }) => away.includes(node));
  return [
    {
      status: waits ? 'skipped' : 'failed',
      subject: name,
      expected: `${hosts.length} hosts execute it`,
      observed: said.map((one) => `${one.node}: ${one.said}`).join('; '),
      reason:
        'Look whether the node runs and reaches coordination: it catches up by itself then. A statement that failed must be given again.',
      evidence: [evidence(shown(query), said)],
    },
  ];
}

const shown = (text: string): string =>
  withoutLiterals(text).replaceAll('\n', ' ').slice(0, SHOWN_LENGTH);

/** The node that an entry means by `host%2Ename:port`, if the deployment knows it. */
function nodeOf({ nodes }: Deployment['clickhouse'], host: string): string {
  const address = decodeURIComponent(host);
  const known = nodes.find(({ host: own, nativePort, inside }) =>
    [`${own}:${nativePort}`, `${inside?.host ?? own}:${inside?.nativePort ?? nativePort}`].includes(
      address,
    ),
  );
  return known?.name ?? address;
}
