import type { Deployment } from '@provehouse/infra';
import { quoteName, quoteText } from '@provehouse/infra/clickhouse';
import type { NodeClient } from './cluster.ts';
import { databaseOf, type NamedTable } from './named-table.ts';
import { askSettings, settingsClause, type Settings } from './settings.ts';

/**
 * A table expression for the rows of a local table on all shards, each read from its first replica,
 * so that the answer does not depend on which replica happens to be asked. Put `firstReplicas` at
 * the end of the statement.
 */
export const wholeTable = (deployment: Deployment, local: NamedTable): string =>
  `cluster(${quoteText(deployment.clickhouse.cluster)}, ${quoteName(databaseOf(deployment, local))}, ${quoteName(local.name)})`;

/** A replica that lags, is slow to answer, or failed a moment ago, would be passed over. */
const FIRST_REPLICAS: Settings = {
  load_balancing: 'in_order',
  prefer_localhost_replica: '0',
  max_replica_delay_for_distributed_queries: '0',
  use_hedged_requests: '0',
  distributed_replica_max_ignored_errors: '1000',
};

/**
 * The SETTINGS clause by which a node reads each shard from its first replica; from the next one only
 * when the first cannot be reached. An account that may not set this reads from replicas that the
 * server chooses. @throws QueryError
 */
export const firstReplicas = async (client: NodeClient): Promise<string> =>
  settingsClause((await askSettings(client, FIRST_REPLICAS)).settable);
