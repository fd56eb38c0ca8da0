import { z } from 'zod';
import { quoteName, quoteText } from '@provehouse/infra/clickhouse';
import type { NodeClient } from '../../clickhouse/cluster.ts';
import { evidence, EVIDENCE_ROWS } from '../../clickhouse/evidence.ts';
import type { Finding } from '../../verdict.ts';
import type { DrillTarget } from '../drill-target.ts';

const pathRow = z.object({ replica_path: z.string() });
const partRow = z.object({ name: z.string(), rows: z.coerce.number() });

/**
 * Restarts the replicas of a table that hold parts of which coordination does not know, as an operator
 * would, and says so. Such a part stays when coordination goes away between the insert and its commit:
 * the client hears that the outcome is unknown and sends the rows again, so that this replica has them
 * twice. Newer servers look at the part again after 5 minutes
 * (`MAX_AGE_OF_LOCAL_PART_THAT_WASNT_ADDED_TO_ZOOKEEPER` in ClickHouse's source); 18.16 does so only when
 * the replica starts.
 * @throws QueryError
 */
export async function dropOrphanParts(target: DrillTarget, table: string): Promise<Finding[]> {
  if (target.deployment.clickhouse.capabilities.replication !== 'keeper') return [];
  const findings = await Promise.all(
    target.cluster.nodes.map((client) => dropOn(client, target, table)),
  );
  return findings.flat();
}

async function dropOn(
  client: NodeClient,
  { deployment }: DrillTarget,
  table: string,
): Promise<Finding[]> {
  const { database } = deployment.clickhouse;
  const place = `database = ${quoteText(database)} AND table = ${quoteText(table)}`;
  const [replica] = await client.query(
    `SELECT replica_path FROM system.replicas WHERE ${place}`,
    pathRow,
  );
  if (replica === undefined) return [];
  const sql = `SELECT name, rows FROM system.parts WHERE active AND ${place} AND name NOT IN
    (SELECT name FROM system.zookeeper WHERE path = ${quoteText(`${replica.replica_path}/parts`)})
    ORDER BY name`;
  const orphans = await client.query(sql, partRow);
  if (orphans.length === 0) return [];
  await client.command(`SYSTEM RESTART REPLICA ${quoteName(database)}.${quoteName(table)}`);
  const left = await client.query(sql, partRow);
  const rows = orphans.reduce((sum, part) => sum + part.rows, 0);
  return [
    {
      status: left.length === 0 ? 'warned' : 'failed',
      subject: 'parts of which coordination does not know',
      node: client.node.name,
      expected: 'none',
      observed: `${orphans.length} with ${rows} rows; ${left.length} after SYSTEM RESTART REPLICA`,
      reason:
        'The outcome of an insert was unknown when coordination went away: its rows stayed on this replica beside those that were sent again, and queries counted them twice until it was restarted.',
      evidence: [evidence('Parts', orphans.slice(0, EVIDENCE_ROWS))],
      sql: [sql],
    },
  ];
}
