import { z } from 'zod';
import type { ClusterCheck } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { evidence } from '../clickhouse/evidence.ts';
import type { Finding } from '../verdict.ts';

const macroSchema = z.object({ macro: z.string(), substitution: z.string() });

const SQL = 'SELECT macro, substitution FROM system.macros ORDER BY macro';

export const macros: ClusterCheck = {
  name: 'macros',
  title: 'Macros name the node’s shard and replica',
  scope: 'cluster',
  independentOfRun: true,
  proves:
    'On every node the macros shard and replica, and cluster where there is one, are those of the ' +
    'deployment, so that tables made from them belong where they should.',
  async run({ deployment: { clickhouse, runtime }, cluster }) {
    const { answers, silent } = await askNodes(cluster.nodes, (client) =>
      client.query(SQL, macroSchema),
    );
    const without = answers.every(({ value }) => !value.some(isPlace));
    if (runtime === 'external' && without && answers.length > 0) return [NO_MACROS, ...silent];
    const findings = answers.map(({ client: { node }, value }): Finding => {
      const found = new Map(value.map(({ macro, substitution }) => [macro, substitution]));
      const expected = {
        shard: node.shard,
        replica: node.replica,
        ...(found.has('cluster') && { cluster: clickhouse.cluster }),
      };
      const wrong = Object.entries(expected).filter(([macro, is]) => found.get(macro) !== is);
      return {
        status: wrong.length === 0 ? 'passed' : 'failed',
        node: node.name,
        expected: list(Object.entries(expected)),
        observed: list(Object.keys(expected).map((macro) => [macro, found.get(macro) ?? 'none'])),
        ...(wrong.length > 0 && {
          reason:
            `Correct the macros ${wrong.map(([macro]) => macro).join(', ')} on ${node.name} before ` +
            'a table is made there: a replicated one would join the wrong shard.',
        }),
        evidence: [evidence('system.macros', value)],
        sql: [SQL],
      };
    });
    return [...findings, ...silent];
  },
};

const isPlace = ({ macro }: z.infer<typeof macroSchema>): boolean =>
  macro === 'shard' || macro === 'replica';

/** Tables whose paths are written out need no macros, and others could not have been made. */
const NO_MACROS: Finding = {
  status: 'skipped',
  expected: 'the macros shard and replica',
  observed: 'no node has them',
  reason: 'The cluster does not use the macros shard and replica.',
};

const list = (entries: readonly (readonly [string, string])[]): string =>
  entries.map(([macro, substitution]) => `${macro} ${substitution}`).join(', ');
