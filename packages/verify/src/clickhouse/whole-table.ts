import type { Deployment } from '@provehouse/infra';
import { quoteName, quoteText } from './cluster.ts';

/**
 * A table expression for the rows of a local table on all shards, each read from its first replica,
 * so that the answer does not depend on which replica happens to be asked. Put `FIRST_REPLICAS` at
 * the end of the statement.
 */
export const wholeTable = ({ clickhouse }: Deployment, local: string): string =>
  `cluster(${quoteText(clickhouse.cluster)}, ${quoteName(clickhouse.database)}, ${quoteName(local)})`;

export const FIRST_REPLICAS = `SETTINGS load_balancing = 'in_order', prefer_localhost_replica = 0`;
