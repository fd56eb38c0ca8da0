import { createRequire } from 'node:module';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { accountsOf, renderNodeConfig, renderUsersConfig } from '../clickhouse-config.ts';
import { askName, createDatabase } from '../clickhouse-node.ts';
import type { ClickHouseNode } from '../deployment.ts';
import type { Topology } from '../topology.ts';
import type { Component } from './component.ts';
import type { StateFolder } from '../platform/state-folder.ts';

/** Thrown when there is no embedded engine for this machine. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

/** Path of the embedded engine's shared library. @throws EngineError with the command that installs it */
export function findEmbeddedEngine(): string {
  const platform = `${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`;
  const name = `@chdb/lib-${platform}`;
  const version = '26.7.3-stable.1';
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), 'libchdb.so');
  } catch (cause) {
    throw new EngineError(
      `The embedded ClickHouse engine for ${platform} is not installed. ` +
        `Try \`npm install --no-save ${name}@${version}\`.`,
      { cause },
    );
  }
}

export interface ClickHouseOptions {
  readonly folder: StateFolder;
  readonly topology: Topology;
  readonly nodes: readonly ClickHouseNode[];
  readonly secrets: Secrets;
  readonly python: string;
  readonly library: string;
}

/** Where the launcher of a node is. */
const launcher = join(import.meta.dirname, 'chdb_node.py');

/** The configuration files of one node by file name. */
export function renderNode(
  { folder, topology, nodes, secrets }: Omit<ClickHouseOptions, 'python' | 'library'>,
  node: ClickHouseNode,
): Readonly<Record<string, string>> {
  return {
    'config.xml': renderNodeConfig({
      topology,
      nodes,
      node,
      standalone: {
        listenHost: node.host,
        dataFolder: join(folder.data, node.name),
        logFile: join(folder.logs, `${node.name}.server.log`),
        usersFile: join(folder.config, node.name, 'users.xml'),
      },
      internalReplication: false,
      clusterSecret: secrets.interserver_password,
    }),
    'users.xml': renderUsersConfig(accountsOf(secrets), topology.database, { embedded: true }),
  };
}

/** The ClickHouse nodes as components of the native runtime, one process each. */
export function clickhouseComponents(options: ClickHouseOptions): Component[] {
  return options.nodes.map((node) => clickhouseComponent(options, node));
}

function clickhouseComponent(options: ClickHouseOptions, node: ClickHouseNode): Component {
  const { folder, topology, python, library } = options;
  const configFolder = join(folder.config, node.name);
  const dataFolder = join(folder.data, node.name);
  return {
    name: node.name,
    kind: 'clickhouse',
    command: [
      python,
      launcher,
      library,
      join(configFolder, 'config.xml'),
      dataFolder,
      node.host,
      String(node.httpPort),
      String(node.nativePort),
    ],
    address: `${node.host}:${node.httpPort}`,
    url: `http://${node.host}:${node.httpPort}/play`,
    budgetSeconds: 60,
    async prepare() {
      await mkdir(configFolder, { recursive: true });
      await mkdir(dataFolder, { recursive: true });
      for (const [file, text] of Object.entries(renderNode(options, node))) {
        await writeFile(join(configFolder, file), text, { mode: 0o600 });
      }
    },
    async probe(signal) {
      await askName(node, options.secrets, signal);
    },
    async provision() {
      await createDatabase(node, options.secrets, topology.database);
    },
  };
}
