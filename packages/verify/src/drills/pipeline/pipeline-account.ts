import type { Cluster } from '../../clickhouse/cluster.ts';
import { evidence } from '../../clickhouse/evidence.ts';
import type { TableContent } from '../../clickhouse/table-content.ts';
import type { Finding } from '../../verdict.ts';
import type { Account } from '../account.ts';

/** What the nodes hold after a run, by node and table. */
export type Contents = ReadonlyMap<string, Omit<TableContent, 'sql'>>;

/**
 * The account of a run out of what the nodes held after the run without the fault and what they hold
 * now: rows by their number, where the content is the same; of a node whose content differs every row
 * that it has counts as unexpected if it is not one too few.
 */
export function pipelineAccount(
  rows: number,
  state: string,
  before: Contents,
  after: Contents,
  { nodes }: Cluster,
): Account {
  const acknowledged = state === 'success' ? rows : 0;
  const shards = new Set(nodes.map(({ node }) => node.shard));
  let lost = 0;
  let unexpected = 0;
  let held = 0;
  for (const shard of shards) {
    const names = nodes.filter(({ node }) => node.shard === shard).map(({ node }) => node.name);
    const pairs = [...before].filter(([place]) =>
      names.some((name) => place.startsWith(`${name} `)),
    );
    const gaps = pairs.map(([place, expected]) => {
      const found = after.get(place) ?? { rows: 0, hash: '' };
      const gap = expected.rows - found.rows;
      const changed = gap === 0 && found.hash !== expected.hash ? found.rows : 0;
      return { missing: Math.max(gap, 0), surplus: Math.max(-gap, 0) + changed, found: found.rows };
    });
    lost += Math.max(0, ...gaps.map(({ missing }) => missing));
    unexpected += Math.max(0, ...gaps.map(({ surplus }) => surplus));
    held += Math.min(...gaps.map(({ found }) => found));
  }
  // What the run was asked for counts, not only what the run before made of it.
  const short = Math.max(0, acknowledged - held - lost);
  return {
    ...{ attempted: rows, acknowledged, unexpected },
    ...{ recovered: acknowledged - lost - short, lost: lost + short },
  };
}

/** What the account says, node by node. */
export function contentFindings(account: Account, before: Contents, after: Contents): Finding[] {
  const rows = [...before].map(([place, expected]) => {
    const found = after.get(place);
    return {
      place,
      'rows expected': expected.rows,
      'rows found': found?.rows ?? 0,
      content: found?.hash === expected.hash ? 'the same' : 'another',
    };
  });
  const exact = account.lost === 0 && account.unexpected === 0;
  return [
    {
      status: exact ? 'passed' : 'failed',
      subject: 'rows after the run',
      expected: 'on each node the same content as after the run without the fault',
      observed: `${account.lost} lost, ${account.unexpected} unexpected`,
      evidence: [evidence('Content of each node', rows)],
    },
  ];
}
