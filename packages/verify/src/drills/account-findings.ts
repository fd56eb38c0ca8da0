import { evidence, EVIDENCE_ROWS } from '../clickhouse/evidence.ts';
import type { Finding } from '../verdict.ts';
import type { Attempt } from './timeline.ts';
import { isExact, isWhole, type Account, type NodeContent } from './account.ts';
import type { Guarantee } from './guarantee.ts';
import type { ExplainedLoss } from './writes/explained-loss.ts';

/** What the rows were promised, and what explains that some are lost, if something does. */
export interface Promised {
  readonly guarantee: Guarantee;
  readonly explained?: ExplainedLoss | undefined;
}

/** What the account says, with the rows that are wrong and the statements that find them. */
export function accountFindings(
  account: Account,
  contents: readonly NodeContent[],
  promised: Promised,
): Finding[] {
  const { attempted, acknowledged, unexpected } = account;
  // Those of a node with wrong rows, if there is one: they differ in what belongs to the shard.
  const wrong = contents.find((content) => !isWhole(content)) ?? contents[0];
  const sql = wrong?.sql ?? [];
  const surplus = contents.flatMap(({ node, unexpected: rows }) =>
    rows.map((row) => ({ node, ...row })),
  );
  return [
    {
      status: attempted > 0 && acknowledged === attempted ? 'passed' : 'failed',
      subject: 'acknowledged rows',
      expected: 'every row, at once or when it was sent again',
      observed: `${acknowledged} of ${attempted}`,
      ...(acknowledged !== attempted && {
        reason: 'Writes were still refused at the end: see the timeline for what the nodes said.',
      }),
    },
    lossFinding(account, contents, promised, sql),
    {
      status: unexpected === 0 ? 'passed' : 'failed',
      subject: 'unexpected rows',
      expected: '0 rows that were never sent, or are there twice, changed or on the wrong shard',
      observed: `${unexpected}`,
      sql,
      ...(unexpected > 0 && {
        evidence: [evidence('Unexpected rows', surplus.slice(0, EVIDENCE_ROWS))],
        reason: 'The tables hold what nobody sent.',
      }),
    },
  ];
}

/**
 * Whether rows are lost. With a quorum none may be; without one, a loss that a known fault of the engine
 * explains is a warning, and any other is a failure.
 */
function lossFinding(
  { lost }: Account,
  contents: readonly NodeContent[],
  { guarantee, explained }: Promised,
  sql: readonly string[],
): Finding {
  const about = {
    subject: 'lost rows',
    expected: '0 acknowledged rows that a replica of their shard does not have',
    sql,
  };
  if (lost === 0) return { ...about, status: 'passed', observed: '0' };
  const missing = contents.flatMap(({ node, missing: ids }) => ids.map((id) => ({ node, id })));
  const rows = evidence('Lost rows', missing.slice(0, EVIDENCE_ROWS));
  if (guarantee === 'quorum' || explained === undefined) {
    const reason =
      guarantee === 'quorum'
        ? 'Rows that a quorum of replicas had acknowledged are not there.'
        : 'Rows whose inserts were acknowledged are missing, and no known fault explains it.';
    return { ...about, status: 'failed', observed: `${lost}`, evidence: [rows], reason };
  }
  const { loss, lostParts, words } = explained;
  const said = words.slice(0, EVIDENCE_ROWS).map((line) => ({ line }));
  return {
    ...about,
    status: 'warned',
    observed: `${lost} in ${lostParts} parts that the servers have given up`,
    evidence: [rows, ...(said.length > 0 ? [evidence('What the servers said', said)] : [])],
    reason: `${loss.fault} ${loss.protection}`,
  };
}

/** What the workload without the fault has shown: if it is not exact, the drill proves nothing. */
export const baselineFinding = (account: Account, refusals: readonly Attempt[] = []): Finding => {
  const whole = isExact(account) && refusals.length === 0;
  const [first] = refusals;
  return {
    status: whole ? 'passed' : 'inconclusive',
    subject: 'the same workload without the fault',
    expected: 'every row is acknowledged at once and is where it must be',
    observed: `${account.acknowledged} of ${account.attempted} acknowledged, ${account.lost} lost, ${account.unexpected} unexpected, ${refusals.length} attempts refused`,
    ...(!whole && {
      reason: `The platform is not well before anything is broken: run the checks.${first ? ` ${first.reason ?? ''}` : ''}`,
    }),
  };
};

/** Above this share of the time in which some process waits for a processor, times say nothing of a platform. */
const OVERLOADED = 0.9;

/**
 * Whether the platform was as it must be again within its time. Being late proves nothing on a machine
 * that was overloaded; never to be so is a failure on any.
 * @param pressure share of the drill's time in which some process waited for a processor, if it is known
 */
export function recoveryFinding(
  seconds: number | undefined,
  budget: number,
  pressure: number | undefined,
): Finding {
  const about = {
    subject: 'recovery',
    expected: `within ${budget} s after the fault was lifted`,
    observed: seconds === undefined ? `not within ${budget} s` : `${seconds.toFixed(1)} s`,
  };
  if (seconds !== undefined && seconds <= budget) return { ...about, status: 'passed' };
  if (seconds !== undefined && pressure !== undefined && pressure >= OVERLOADED) {
    const share = Math.round(pressure * 100);
    const reason = `The machine was overloaded: during ${share} % of the drill some process waited for a processor. Run it again where less is going on.`;
    return { ...about, status: 'inconclusive', reason };
  }
  return {
    ...about,
    status: 'failed',
    ...(seconds === undefined && { reason: 'See the account for what is missing.' }),
  };
}
