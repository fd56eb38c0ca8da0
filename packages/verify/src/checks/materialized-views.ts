import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes, type Answer } from '../clickhouse/ask-nodes.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { shardsOf } from '../clickhouse/shards.ts';
import { compareView, stateAggregates, type Compared } from '../filled-views/compare-view.ts';
import type { NotComparable } from '../filled-views/filled-view.ts';
import { isFilled, type FilledView } from '../filled-views/judged-views.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

const EXPECTED = 'in every bucket of the target what the view makes of its source';

/** Whether materialized views have missed nothing, and their targets lost nothing. */
export const materializedViews: ClusterCheck = {
  name: 'materialized-views',
  title: 'Materialized views have filled their targets with what their sources hold',
  proves:
    'On every node the SELECT of a view, asked of its source now, comes to the same in each bucket that ' +
    'the contract names as what the view’s target holds, states merged, at once or within the time that ' +
    'the contract gives replicas to settle: no insert went past the view, and the target has lost nothing ' +
    'and got nothing else. Floating-point numbers may differ in their last digits. Columns of which it is ' +
    'not known how they add up are not compared, nor is what the SELECT itself makes wrong.',
  scope: 'cluster',
  async run(context) {
    const views = context.contract.views.filter((view) => view.kind === 'materialized-view');
    if (views.length === 0) {
      return [
        { status: 'passed', expected: EXPECTED, observed: 'no materialized view in the contract' },
      ];
    }
    const { settleSeconds } = context.contract.replicas;
    const findings = await Promise.all(
      views.map((view) =>
        isFilled(view) ? settle(settleSeconds, () => judge(context, view)) : [notStated(view.name)],
      ),
    );
    return findings.flat();
  },
};

const notStated = (subject: string): Finding => ({
  status: 'skipped',
  subject,
  expected: EXPECTED,
  observed: 'no bucket is stated',
  reason: 'State `bucket`, `to` and `select` in the contract, and the target is compared.',
});

async function judge(context: ClusterContext, view: FilledView): Promise<Finding[]> {
  const { cluster, deployment } = context;
  const hasPeers = shardsOf(cluster).some(({ replicas }) => replicas.length > 1);
  const { answers, silent } = await askNodes(cluster.nodes, (client) =>
    compareView(client, deployment, view, hasPeers),
  );
  const compared = answers.flatMap(({ value }) => ('observed' in value ? [] : [value]));
  const empty = compared.length > 0 && compared.every(({ buckets }) => buckets === 0);
  const unjudged = [...new Set(compared.flatMap((value) => value.unjudged))];
  return [
    ...answers.map((answer) => judgeNode(view, answer, empty)),
    ...(unjudged.length === 0 ? [] : [notCompared(view, unjudged)]),
    ...silent,
  ];
}

function judgeNode(
  { name: subject }: FilledView,
  { node, value }: Answer<Compared | NotComparable>,
  empty: boolean,
): Finding {
  const about = { subject, node, expected: EXPECTED };
  if ('observed' in value) return { ...about, status: 'skipped', ...value };
  const { buckets, different, values, shown, sql } = value;
  const of = `${buckets} ${buckets === 1 ? 'bucket' : 'buckets'}`;
  if (different === 0) {
    return {
      ...about,
      status: empty ? 'warned' : 'passed',
      observed: `${of} alike in ${values.join(', ')}`,
      ...(empty && { reason: 'Source and target are empty: that they agree proves little.' }),
      sql: [sql],
    };
  }
  const [first = {}] = shown;
  const example = Object.entries(first).map(([what, found]) => `${what} ${String(found)}`);
  return {
    ...about,
    status: 'failed',
    observed: `${different} of ${of} ${different === 1 ? 'differs' : 'differ'}, the first: ${example.join(', ')}`,
    reason:
      'They still differed when the time to settle was over. Fill these buckets of the target again from the source; if one of the two is meant to hold other rows (TTL, rows from before the view), state `where`.',
    evidence: [evidence('Buckets that differ', shown)],
    sql: [sql],
  };
}

const notCompared = ({ name, to }: FilledView, columns: readonly string[]): Finding => ({
  status: 'skipped',
  subject: `${name}, other columns`,
  expected: `all columns of ${to} compared`,
  observed: `not compared: ${columns.join(', ')}`,
  reason: stateAggregates(columns),
});
