import { ClickHouseError } from '@clickhouse/client';
import type { StartedClickHouseCluster } from '../src/started-cluster.ts';
import { ask } from './ask.ts';

/** The name of the fault in ErrorCodes.cpp of ClickHouse. */
const NO_CONNECTION = 'ALL_CONNECTION_TRIES_FAILED';

/** Whether a query on a node reaches a peer. @throws ClickHouseError for another fault of the query */
export async function reaches(
  cluster: StartedClickHouseCluster,
  node: string,
  peer: string,
): Promise<boolean> {
  const { name, password } = cluster.administrator;
  const query = `SELECT 1 FROM remote('${peer}', system.one, '${name}', '${password}')
    SETTINGS connect_timeout_with_failover_ms = 1000, connections_with_failover_max_tries = 1`;
  try {
    return (await ask(cluster.node(node).client(), query))[0] === 1;
  } catch (error) {
    if (error instanceof ClickHouseError && error.type === NO_CONNECTION) return false;
    throw error;
  }
}
