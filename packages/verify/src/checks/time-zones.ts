import { z } from 'zod';
import type { ClusterCheck } from '../check.ts';
import { askNodes, type Answer } from '../clickhouse/ask-nodes.ts';
import { askClockOffset, type ClockOffset } from '../clickhouse/clock-offset.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { hasFunction } from '../clickhouse/dialect.ts';
import { evidence } from '../clickhouse/evidence.ts';
import type { Finding } from '../verdict.ts';

/** How far clocks may be apart. */
const APART_MS = 1_000;

const zonesRow = z.object({ server: z.string(), session: z.string() });
type Zones = z.infer<typeof zonesRow>;

interface NodeTime {
  readonly zones: Zones;
  readonly sql: string;
  readonly offset: ClockOffset;
}

/** Whether a time means the same on every node. */
export const timeZones: ClusterCheck = {
  name: 'time-zones',
  title: 'All nodes are in one time zone, and their clocks agree',
  scope: 'cluster',
  independentOfRun: true,
  proves:
    'Every server, and every session of the account that asks, has the same time zone, so that a row is ' +
    'in the same partition and shows the same time wherever it is; the clocks of the nodes are no more ' +
    'than a second apart. Sessions of other accounts may have another time zone.',
  async run({ cluster }) {
    const { answers, silent } = await askNodes(cluster.nodes, askTime);
    if (answers.length < 2) return [...alone(answers), ...silent];
    return [
      judgeZones('time zones of the servers', answers, ({ server }) => server),
      judgeZones('time zones of the account’s sessions', answers, ({ session }) => session),
      judgeClocks(answers),
      ...silent,
    ];
  },
};

/** With fewer nodes than two there is nothing to compare. */
const alone = (answers: readonly Answer<NodeTime>[]): Finding[] =>
  answers.map(({ node, value: { zones } }) => ({
    status: 'skipped',
    node,
    expected: 'the time and the time zone of the other nodes',
    observed: zones.server,
    reason: 'There is no other node to compare with.',
  }));

async function askTime(client: NodeClient): Promise<NodeTime> {
  // Where there is no function for the server's, sessions cannot have another one.
  const server = (await hasFunction(client, 'serverTimezone()'))
    ? 'serverTimezone()'
    : 'timezone()';
  const sql = `SELECT ${server} AS server, timezone() AS session`;
  const [zones] = await client.query(sql, zonesRow);
  const offset = await askClockOffset(client);
  return { zones: zones ?? { server: '', session: '' }, sql, offset };
}

function judgeZones(
  subject: string,
  answers: readonly Answer<NodeTime>[],
  zoneOf: (zones: Zones) => string,
): Finding {
  const groups = Map.groupBy(answers, ({ value }) => canonicalZone(zoneOf(value.zones)));
  const agree = groups.size === 1;
  const named = [...groups.values()].map((group) => {
    const names = new Set(group.map(({ value }) => zoneOf(value.zones)));
    const nodes = group.map(({ node }) => node).join(', ');
    return `${[...names].join(' or ')} on ${nodes}`;
  });
  return {
    status: agree ? 'passed' : 'failed',
    subject,
    expected: 'the same on all nodes',
    observed: named.join('; '),
    ...(!agree && {
      reason:
        'Give all nodes one timezone in their configuration, or TZ in their environment, and all profiles one session_timezone or none. Rows that were written meanwhile may be in other partitions: see the verdict of partitions.',
    }),
    evidence: [
      evidence(
        'Time zones by node',
        answers.map(({ node, value }) => ({ node, ...value.zones })),
      ),
    ],
    sql: [...new Set(answers.map(({ value }) => value.sql))],
  };
}

/** One name for all names of a zone (`UTC` for `Etc/UTC`); a name that is not known stays as it is. */
function canonicalZone(name: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return name;
  }
}

function judgeClocks(answers: readonly Answer<NodeTime>[]): Finding {
  const offsets = answers.map(({ node, value: { offset } }) => ({ node, ...offset }));
  const first = offsets.reduce((left, right) => (right.from > left.from ? right : left));
  const last = offsets.reduce((left, right) => (right.to < left.to ? right : left));
  const atLeast = Math.max(0, first.from - last.to);
  const atMost = Math.max(...offsets.map(({ to }) => to)) - Math.min(...offsets.map((o) => o.from));
  const status =
    atLeast > APART_MS ? 'failed' : atMost <= APART_MS ? 'passed' : ('inconclusive' as const);
  return {
    status,
    subject: 'clocks',
    expected: `no two more than ${APART_MS / 1000} s apart`,
    observed:
      status === 'failed'
        ? `${first.node} is ${seconds(atLeast)} or more ahead of ${last.node}`
        : `${seconds(atMost)} apart at most`,
    ...(status === 'failed' && {
      reason:
        'Set the clocks of the nodes by one source (NTP). Until then now() and TTL differ by node, and the order of what they log is wrong.',
    }),
    ...(status === 'inconclusive' && {
      reason: 'The nodes answer too slowly to tell. Ask again from nearby, or when they are idle.',
    }),
    evidence: [
      evidence(
        'How far the clock of each node is ahead of this machine’s',
        offsets.map(({ node, from, to }) => ({
          node,
          'at least (ms)': Math.round(from),
          'at most (ms)': Math.round(to),
        })),
      ),
    ],
  };
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;
