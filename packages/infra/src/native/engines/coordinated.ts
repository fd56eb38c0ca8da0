import type { Secrets } from '@provehouse/secrets';
import type { Address, Coordination } from '../../clickhouse/config.ts';
import { SESSION_TIMEOUT_MS } from '../../clickhouse/coordination.ts';
import type { CoordinationChoice } from '../../clickhouse/engine.ts';
import { coordinationServers } from './ensemble.ts';

/** What a node is configured with, so that its tables replicate; `interserver` is where its peers reach it. */
export const coordinationOf = (
  choice: CoordinationChoice,
  interserver: Address,
  { secrets, portOf }: { readonly secrets: Secrets; readonly portOf: (name: string) => number },
): Coordination => ({
  servers: coordinationServers(choice, portOf),
  interserver: {
    ...interserver,
    user: secrets.interserver_user,
    password: secrets.interserver_password,
  },
  sessionTimeoutMs: SESSION_TIMEOUT_MS,
});
