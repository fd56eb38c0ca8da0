import type { Deployment } from '@provehouse/infra';
import { quoteName, type NodeClient as UnwatchedClient } from '@provehouse/infra/clickhouse';

/** One node, asked directly. */
export interface NodeClient extends UnwatchedClient {
  /** Aborted with a SilentNodeError as soon as the node is known not to answer, if it is watched. */
  readonly silence?: AbortSignal;
}

/** A client for each node of a cluster. */
export interface Cluster extends AsyncDisposable {
  readonly nodes: readonly NodeClient[];
  /** @throws RangeError when the cluster has no such node */
  node(name: string): NodeClient;
}

/** `database`.`table`, quoted. */
export const tableName = ({ clickhouse }: Deployment, table: string): string =>
  `${quoteName(clickhouse.database)}.${quoteName(table)}`;
