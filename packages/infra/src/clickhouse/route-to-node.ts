import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseSettings,
} from '@clickhouse/client';
import type { ClickHouseNode } from '../state/deployment.ts';
import { balancedRoute } from './balanced-route.ts';
import { agentOf, urlOf } from './node-address.ts';
import { directRoute, type NodeRoute } from './node-route.ts';

/** Who asks. */
export interface Account {
  readonly user: string;
  readonly password: string;
  /** A bearer token (JWT), which is shown instead of user and password. */
  readonly token?: string;
}

const MOST_CONNECTIONS = 8;

/**
 * The way to a node under an account: straight, or by telling those apart that share an address.
 * @throws TlsFileError, ProxyError
 */
export function routeTo(
  node: ClickHouseNode,
  account: Account,
  requestTimeoutMs: number,
  settings: ClickHouseSettings,
): NodeRoute {
  const connect = (connections: number): ClickHouseClient => {
    const agent = agentOf(node, connections);
    return createClient({
      url: urlOf(node),
      ...(node.path !== undefined && { pathname: node.path }),
      ...(agent && { http_agent: agent }),
      ...(account.token === undefined
        ? { username: account.user, password: account.password }
        : { access_token: account.token }),
      request_timeout: requestTimeoutMs,
      clickhouse_settings: settings,
      max_open_connections: connections,
      log: { level: ClickHouseLogLevel.OFF },
    });
  };
  return node.answersAs === undefined
    ? directRoute(connect(MOST_CONNECTIONS))
    : balancedRoute(node.answersAs, () => connect(1));
}
