import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import type { Coordination } from '../../clickhouse-config.ts';
import { dialectOf } from '../../clickhouse-dialect.ts';
import { accountsOf } from '../../clickhouse-users.ts';
import type { PortRequest } from '../../platform/ports.ts';
import type { StateFolder } from '../../platform/state-folder.ts';
import type { Topology } from '../../topology.ts';
import type { NodeEngine } from '../clickhouse.ts';
import type { ServerChoice } from './engine.ts';
import {
  coordinationServers,
  coordinatorNames,
  ensembleComponents,
  ensemblePorts,
} from './ensemble.ts';
import { inOwnGroup } from './own-group.ts';

/**
 * Short, because a killed server is let in again only when the session that it had has ended; long
 * enough for the pauses of a busy machine.
 */
export const SESSION_TIMEOUT_MS = 5_000;

/** The ports that servers need besides those of every engine. */
export const serverPorts = ({ nodes }: Topology, engine: ServerChoice): PortRequest[] => [
  ...nodes.map(({ name }, index) => ({ name: `${name}.interserver`, preferred: 9109 + index })),
  ...ensemblePorts(engine.coordination),
];

export interface ServerEngineOptions {
  readonly folder: StateFolder;
  readonly topology: Topology;
  readonly engine: ServerChoice;
  readonly secrets: Secrets;
  readonly portOf: (name: string) => number;
}

/** Nodes that are ClickHouse servers, with what coordinates them. */
export function serverEngine(options: ServerEngineOptions): NodeEngine {
  const { folder, topology, engine, secrets, portOf } = options;
  const dialect = dialectOf(engine.version);
  const { administrator } = accountsOf(secrets);
  const coordination = (node: string): Coordination => ({
    servers: coordinationServers(engine.coordination, portOf),
    interserver: {
      host: '127.0.0.1',
      port: portOf(`${node}.interserver`),
      user: secrets.interserver_user,
      password: secrets.interserver_password,
    },
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
  });
  return {
    embedded: false,
    dialect,
    clusterLogin:
      dialect.clusterLogin === 'secret'
        ? { secret: secrets.interserver_password }
        : { user: administrator.name, password: administrator.password },
    coordination: ({ name }) => coordination(name),
    companions: ensembleComponents({ folder, portOf, coordination: engine.coordination }),
    // A server that finds no coordination when it starts tries again only seconds later.
    after: coordinatorNames(engine.coordination),
    command: (node, { configFile }) =>
      inOwnGroup(
        topology.nodes.findIndex(({ name }) => name === node.name),
        [...engine.command, `--config-file=${configFile}`],
      ),
    errorLogFile: ({ name }) => join(folder.logs, `${name}.errors.log`),
  };
}
