import { z } from 'zod';
import type { ClusterCheck } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import type { Finding } from '../verdict.ts';

const SQL = 'SELECT version() AS version';

export const clickhouseVersions: ClusterCheck = {
  name: 'clickhouse-versions',
  title: 'All nodes run the deployment’s ClickHouse version',
  scope: 'cluster',
  independentOfRun: true,
  proves: 'Every node says that it is of the version in the deployment, hence all of the same.',
  async run({ deployment: { clickhouse }, cluster }) {
    const { answers, silent } = await askNodes(cluster.nodes, (client) =>
      client.query(SQL, z.object({ version: z.string() })),
    );
    const findings = answers.map(({ node, value }): Finding => {
      const observed = value.map(({ version }) => version).join();
      const same = observed === clickhouse.version;
      return {
        status: same ? 'passed' : 'failed',
        node,
        expected: clickhouse.version,
        observed,
        ...(!same && {
          reason: 'Bring all nodes to one version, or write the deployment again after an upgrade.',
        }),
        sql: [SQL],
      };
    });
    return [...findings, ...silent];
  },
};
