import type { Secrets } from '@provehouse/secrets';
import type { Address, Coordination } from '../../clickhouse-config.ts';
import type { CoordinationChoice } from './engine.ts';
import { coordinationServers } from './ensemble.ts';

/**
 * Short, because a killed node is admitted again only when the session that it had has ended; long
 * enough for the pauses of a busy machine.
 */
export const SESSION_TIMEOUT_MS = 5_000;

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
