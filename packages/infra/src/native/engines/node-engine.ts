import type { ClusterLogin, Coordination } from '../../clickhouse/config.ts';
import type { ClickHouseDialect } from '../../clickhouse/dialect.ts';
import type { ClickHouseNode } from '../../state/deployment.ts';

/** What nodes are made of, and how they get what they must know. */
export interface NodeEngine {
  /** Whether it is the embedded engine, which needs an account of its own. */
  readonly embedded: boolean;
  readonly dialect: ClickHouseDialect;
  readonly clusterLogin: ClusterLogin;
  /** Coordinators that must serve before a node is started. */
  readonly after?: readonly string[];
  command(
    node: ClickHouseNode,
    files: { readonly configFile: string; readonly dataFolder: string },
  ): readonly string[];
  coordination?(node: ClickHouseNode): Coordination;
  /** Throws for as long as a node that answers does not do all that it is to. */
  probe?(node: ClickHouseNode): Promise<void>;
  /** A second address for the node's peers, where they have one of their own. */
  peerHost?(node: ClickHouseNode): string;
  errorLogFile?(node: ClickHouseNode): string;
}
