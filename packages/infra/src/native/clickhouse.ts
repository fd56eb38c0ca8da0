import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { renderNodeConfig, type ClusterLogin, type Coordination } from '../clickhouse/config.ts';
import type { ClickHouseDialect } from '../clickhouse/dialect.ts';
import { askName, createDatabase } from '../clickhouse/node.ts';
import { accountsOf, renderUsersConfig } from '../clickhouse/users.ts';
import type { ClickHouseNode } from '../state/deployment.ts';
import type { Topology } from '../clickhouse/topology.ts';
import type { DatabaseEngine } from '../clickhouse/engine.ts';
import type { Component } from './component.ts';
import type { StateFolder } from '../state/state-folder.ts';

/** What nodes are made of, and how they get what they must know. */
export interface NodeEngine {
  /** Whether it is the embedded engine, which needs an account of its own. */
  readonly embedded: boolean;
  readonly dialect: ClickHouseDialect;
  readonly clusterLogin: ClusterLogin;
  /** What runs beside the nodes. */
  readonly companions: readonly Component[];
  /** Companions that must serve before a node is started. */
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

export interface ClickHouseOptions {
  readonly folder: StateFolder;
  readonly topology: Topology;
  readonly nodes: readonly ClickHouseNode[];
  readonly secrets: Secrets;
  readonly engine: NodeEngine;
  readonly databaseEngine: DatabaseEngine;
}

/** The configuration files of one node by file name. */
export function renderNode(
  { folder, topology, nodes, secrets, engine }: Omit<ClickHouseOptions, 'databaseEngine'>,
  node: ClickHouseNode,
): Readonly<Record<string, string>> {
  const { dialect, embedded, clusterLogin } = engine;
  const coordination = engine.coordination?.(node);
  const errorLogFile = engine.errorLogFile?.(node);
  const peerHost = engine.peerHost?.(node);
  return {
    'config.xml': renderNodeConfig({
      ...{ topology, nodes, node, clusterLogin, dialect },
      standalone: {
        listenHosts: [node.host, ...(peerHost === undefined ? [] : [peerHost])],
        dataFolder: nodeDataFolder(folder, node.name),
        logFile: join(folder.logs, `${node.name}.server.log`),
        ...(errorLogFile !== undefined && { errorLogFile }),
        usersFile: join(folder.config, node.name, 'users.xml'),
        embedded,
      },
      internalReplication: coordination !== undefined,
      ...(coordination && { coordination }),
    }),
    'users.xml': renderUsersConfig(accountsOf(secrets), topology.database, { embedded, dialect }),
  };
}

/** Where a node keeps its data. */
export const nodeDataFolder = (folder: StateFolder, node: string): string =>
  join(folder.data, node);

/** The ClickHouse nodes as components of the native runtime, one process each, with their companions. */
export function clickhouseComponents(options: ClickHouseOptions): Component[] {
  return [
    ...options.engine.companions,
    ...options.nodes.map((node) => clickhouseComponent(options, node)),
  ];
}

function clickhouseComponent(options: ClickHouseOptions, node: ClickHouseNode): Component {
  const { folder, topology, engine, databaseEngine } = options;
  const configFolder = join(folder.config, node.name);
  const dataFolder = nodeDataFolder(folder, node.name);
  const errorLog = engine.errorLogFile?.(node);
  return {
    name: node.name,
    kind: 'clickhouse',
    command: engine.command(node, { configFile: join(configFolder, 'config.xml'), dataFolder }),
    address: `${node.host}:${node.httpPort}`,
    url: `http://${node.host}:${node.httpPort}/play`,
    budgetSeconds: 60,
    ...(errorLog !== undefined && { errorLog }),
    ...(engine.after && { after: engine.after }),
    async prepare() {
      await mkdir(configFolder, { recursive: true });
      await mkdir(dataFolder, { recursive: true });
      for (const [file, text] of Object.entries(renderNode(options, node))) {
        await writeFile(join(configFolder, file), text, { mode: 0o600 });
      }
    },
    async probe(signal) {
      await askName(node, options.secrets, signal);
      await engine.probe?.(node);
    },
    async provision() {
      await createDatabase(node, options.secrets, topology.database, databaseEngine);
    },
  };
}
