import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { dialectOf } from '../../clickhouse/dialect.ts';
import { accountsOf } from '../../clickhouse/users.ts';
import type { PortRequest } from '../../system/ports.ts';
import type { StateFolder } from '../../state/state-folder.ts';
import type { Topology } from '../../clickhouse/topology.ts';
import type { NodeEngine } from '../clickhouse.ts';
import { coordinationOf } from './coordinated.ts';
import type { ServerChoice } from '../../clickhouse/engine.ts';
import { coordinatorNames, ensembleComponents, ensemblePorts } from './ensemble.ts';
import { inOwnGroup } from '../../system/own-group.ts';

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
  return {
    embedded: false,
    dialect,
    clusterLogin:
      dialect.clusterLogin === 'secret'
        ? { secret: secrets.interserver_password }
        : { user: administrator.name, password: administrator.password },
    coordination: ({ name }) =>
      coordinationOf(
        engine.coordination,
        { host: '127.0.0.1', port: portOf(`${name}.interserver`) },
        options,
      ),
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
