import type { Capabilities } from '@provehouse/infra';
import { QueryError, quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from '../clickhouse/cluster.ts';
import type { UserTable } from '../clickhouse/user-tables.ts';
import { isReplicated } from '../clickhouse/write-paths.ts';

const countRow = z.object({ found: z.coerce.number() });

/** What a cluster can do, as far as the account may see it. */
export async function askCapabilities(
  client: Pick<NodeClient, 'query'>,
  database: string,
  tables: readonly UserTable[],
): Promise<Capabilities> {
  const finds = async (from: string): Promise<boolean> => {
    try {
      const [row] = await client.query(`SELECT count() AS found FROM ${from}`, countRow);
      return (row?.found ?? 0) > 0;
    } catch (error) {
      if (error instanceof QueryError) return false;
      throw error;
    }
  };
  const named = `system.databases WHERE name = ${quoteText(database)}`;
  const [coordination, directories, atomic, replicated] = await Promise.all([
    // The table is there only where coordination is configured, and answers only where it serves.
    finds(`system.zookeeper WHERE path = '/'`),
    finds(`system.user_directories WHERE type = 'local directory'`),
    finds(`${named} AND engine IN ('Atomic', 'Replicated', 'Shared')`),
    finds(`${named} AND engine = 'Replicated'`),
  ]);
  // Of ClickHouse Cloud: https://clickhouse.com/docs/cloud/reference/shared-merge-tree
  const shares = tables.some(({ engine }) => /^Shared\w*MergeTree$/.test(engine));
  const replicates = coordination || tables.some(({ engine }) => isReplicated(engine));
  return {
    replication: shares ? 'shared' : replicates ? 'keeper' : 'distributed-writes',
    distributedDdl: coordination,
    exchangeTables: atomic,
    replicatedDatabase: replicated,
    sqlUsers: directories,
  };
}
