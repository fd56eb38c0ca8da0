import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { CURRENT_DIALECT } from '../../clickhouse/dialect.ts';
import type { ClickHouseNode } from '../../state/deployment.ts';
import { exists } from '../../system/exists.ts';
import type { StateFolder } from '../../state/state-folder.ts';
import type { Topology } from '../../clickhouse/topology.ts';
import type { NodeEngine } from './node-engine.ts';
import { coordinationOf } from './coordinated.ts';
import { EngineError, type EmbeddedChoice } from '../../clickhouse/engine.ts';
import { coordinatorNames } from './ensemble.ts';
import { inOwnGroup } from '../../system/own-group.ts';
import { embeddedLibrary } from './provided-library.ts';

/** What the launcher leaves in a node's data folder once it executes statements ON CLUSTER. */
const DDL_WORKER_READY = 'ddl_worker.ready';

/** The program, a folder of Python modules, that runs a node or says what a library can do. */
export const LAUNCHER = join(import.meta.dirname, '../embedded_node');

export interface EmbeddedEngineOptions {
  readonly folder: StateFolder;
  readonly topology: Topology;
  readonly engine: EmbeddedChoice;
  readonly secrets: Secrets;
  readonly python: string;
  readonly portOf: (name: string) => number;
}

/** Nodes that are the embedded engine, each in a process of Python. */
export function chdbEngine(options: EmbeddedEngineOptions): NodeEngine {
  const { folder, topology, secrets, python } = options;
  const { coordination } = options.engine;
  const indexOf = (node: ClickHouseNode): number =>
    topology.nodes.findIndex(({ name }) => name === node.name);
  return {
    embedded: true,
    dialect: CURRENT_DIALECT,
    clusterLogin: { secret: secrets.interserver_password },
    ...(coordination && {
      after: coordinatorNames(coordination),
      coordination: (node) =>
        coordinationOf(
          coordination,
          { host: peerAddress(indexOf(node)), port: node.httpPort },
          options,
        ),
      peerHost: (node) => peerAddress(indexOf(node)),
      async probe(node) {
        // The engine serves queries a moment before its worker runs; on a server it is the other way round.
        if (await exists(join(folder.data, node.name, DDL_WORKER_READY))) return;
        throw new EngineError(`${node.name} does not execute statements ON CLUSTER yet.`);
      },
    }),
    command: (node, { configFile }) =>
      inOwnGroup(indexOf(node), [
        ...[python, LAUNCHER, embeddedLibrary(), '--config', configFile],
        ...['--http-port', String(node.httpPort), '--tcp-port', String(node.nativePort)],
      ]),
  };
}

/**
 * The loopback address at which a node's peers fetch parts from it: the engine opens the same HTTP port
 * at each of its addresses, and serves queries at the first and peers at the second.
 */
const peerAddress = (index: number): string =>
  `127.0.${1 + Math.floor(index / 254)}.${1 + (index % 254)}`;
