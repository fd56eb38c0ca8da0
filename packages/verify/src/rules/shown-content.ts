import { z } from 'zod';
import { quoteName } from '@provehouse/infra/clickhouse';
import type { ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { evidence, evidenceRow, firstRows } from '../clickhouse/evidence.ts';
import { firstReplicas, wholeTable } from '../clickhouse/whole-table.ts';
import type { LocalTable } from '../contract/contract.ts';
import type { Evidence, Finding } from '../verdict.ts';

const GROUPS = 100;

const countRow = z.object({ rows: z.coerce.number() });

/**
 * Judges that there is content to judge at all, and shows some of it: the first rows, and the
 * figures by group that the contract asks for.
 */
export async function showContent(
  { cluster, deployment }: ClusterContext,
  local: LocalTable,
): Promise<readonly Finding[]> {
  const table = wholeTable(deployment, local);
  const { answers, silent } = await askNodes(
    cluster.nodes.slice(0, 1),
    async (client): Promise<Finding> => {
      const settings = await firstReplicas(client);
      const countSql = `SELECT count() AS rows FROM ${table} ${settings}`;
      const [counts, ...shown] = await Promise.all([
        client.query(countSql, countRow),
        firstRows(
          'First rows',
          client,
          `SELECT * FROM ${table}${local.orderBy === undefined ? '' : ` ORDER BY ${local.orderBy}`}`,
          settings,
        ),
        ...(local.statistics ? [statistics(client, table, settings, local.statistics)] : []),
      ]);
      const rows = counts[0]?.rows ?? 0;
      return {
        status: rows > 0 ? 'passed' : 'inconclusive',
        subject: `${local.name}, content`,
        expected: 'rows that rules can be tried on',
        observed: `${rows} rows`,
        ...(rows === 0 && { reason: 'An empty table keeps every rule. Load it first.' }),
        evidence: shown,
        sql: [countSql],
      };
    },
  );
  return [...answers.map(({ value }) => value), ...silent];
}

async function statistics(
  client: NodeClient,
  table: string,
  settings: string,
  { groupBy, measure }: NonNullable<LocalTable['statistics']>,
): Promise<Evidence> {
  const [group, value] = [quoteName(groupBy), quoteName(measure)];
  const of = (figure: string): string => quoteName(`${figure} ${measure}`);
  const rows = await client.query(
    `SELECT ${group}, count() AS ${quoteName('number of rows')}, round(avg(${value}), 2) AS ${of('average')},
       min(${value}) AS ${of('minimum')}, max(${value}) AS ${of('maximum')}
     FROM ${table} GROUP BY ${group} ORDER BY ${group} LIMIT ${GROUPS} ${settings}`,
    evidenceRow,
  );
  return evidence(`${measure} by ${groupBy}`, rows);
}
