import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { dialectOf } from '../../clickhouse/dialect.ts';
import { accountsOf } from '../../clickhouse/users.ts';
import type { StateFolder } from '../../state/state-folder.ts';
import type { Topology } from '../../clickhouse/topology.ts';
import type { NodeEngine } from './node-engine.ts';
import { coordinationOf } from './coordinated.ts';
import type { ServerChoice } from '../../clickhouse/engine.ts';
import { coordinatorNames } from './ensemble.ts';
import { inOwnGroup } from '../../system/own-group.ts';

export interface ServerEngineOptions {
  readonly folder: StateFolder;
  readonly topology: Topology;
  readonly engine: ServerChoice;
  readonly secrets: Secrets;
  readonly portOf: (name: string) => number;
}

/** Nodes that are ClickHouse servers. */
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
