import type { Deployment } from '@provehouse/infra';
import { quoteName, quoteText, type NodeClient } from './cluster.ts';
import { hasSetting } from './dialect.ts';

/**
 * A table expression for the rows of a local table on all shards, each read from its first replica,
 * so that the answer does not depend on which replica happens to be asked. Put `firstReplicas` at
 * the end of the statement.
 */
export const wholeTable = ({ clickhouse }: Deployment, local: string): string =>
  `cluster(${quoteText(clickhouse.cluster)}, ${quoteName(clickhouse.database)}, ${quoteName(local)})`;

const IN_ORDER = `SETTINGS load_balancing = 'in_order', prefer_localhost_replica = 0`;
/** A replica that is slow to answer, or failed a moment ago, would be passed over. */
const WITHOUT_HASTE = `use_hedged_requests = 0, distributed_replica_max_ignored_errors = 1000`;

/**
 * The SETTINGS clause by which a node reads each shard from its first replica; from the next one only
 * when the first cannot be reached. @throws QueryError
 */
export const firstReplicas = async (client: NodeClient): Promise<string> =>
  (await hasSetting(client, 'use_hedged_requests')) ? `${IN_ORDER}, ${WITHOUT_HASTE}` : IN_ORDER;
