import {
  KEEPER_PORTS,
  renderKeeperConfig,
  renderNodeConfig,
  renderUsersConfig,
  type TopologyNode,
} from '@provehouse/infra';
import type { ClusterOptions, FixedPorts } from './cluster-options.ts';

/** Where a node listens, inside its container. */
export const NODE_PORTS = { http: 8123, native: 9000, interserver: 9009 } as const;

/** Passwords that only the members of a cluster know. */
export interface ClusterSecrets {
  readonly cluster: string;
  readonly interserver: string;
}

/** A port of a container, and where it is published unless the engine may choose. */
export type PublishedPort = number | { readonly container: number; readonly host: number };

/** One container of a cluster before it is started. */
export interface MemberPlan {
  /** Name in the cluster and in its network. */
  readonly name: string;
  readonly image: string;
  /** Ports that the test reaches; with the port of this machine where it must be a certain one. */
  readonly ports: readonly PublishedPort[];
  /** Files to copy into the container: text by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

/** A ClickHouse node before it is started. */
export interface NodePlan extends MemberPlan {
  readonly node: TopologyNode;
}

/** The names of `count` Keepers. */
export const keeperNames = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, index) => `clickhouse-keeper-${String(index + 1).padStart(2, '0')}`,
  );

/** Puts a server's log where the engine that runs its container collects it. */
const LOG_TO_CONSOLE = `<clickhouse>
  <logger>
    <console>1</console>
    <log remove="remove"/>
    <errorlog remove="remove"/>
  </logger>
</clickhouse>
`;

/** The ClickHouse nodes of a cluster with all their files. */
export function planNodes(
  options: ClusterOptions,
  keepers: readonly string[],
  secrets: ClusterSecrets,
): NodePlan[] {
  const { topology, administrator, reader } = options;
  const nodes = topology.nodes.map((node) => ({
    ...node,
    host: node.name,
    httpPort: NODE_PORTS.http,
    nativePort: NODE_PORTS.native,
  }));
  const users = renderUsersConfig({ administrator, reader }, topology.database, {
    // An image with the embedded engine brings what that needs.
    embedded: false,
    overImage: true,
  });
  return nodes.map((node) => ({
    node: { name: node.name, shard: node.shard, replica: node.replica },
    name: node.name,
    image: options.image,
    ports: nodePorts(options.fixedPorts[node.name]),
    // The image must not make a user of its own.
    environment: { CLICKHOUSE_SKIP_USER_SETUP: '1' },
    files: below('/etc/clickhouse-server', {
      'config.d/provehouse.xml': renderNodeConfig({
        topology,
        nodes,
        node,
        internalReplication: keepers.length > 0,
        clusterLogin: { secret: secrets.cluster },
        ...(keepers.length > 0 && {
          coordination: {
            servers: keepers.map((host) => ({ host, port: KEEPER_PORTS.client })),
            interserver: {
              host: node.name,
              port: NODE_PORTS.interserver,
              user: 'interserver',
              password: secrets.interserver,
            },
          },
        }),
      }),
      'config.d/provehouse-log.xml': LOG_TO_CONSOLE,
      'users.d/provehouse.xml': users,
      ...options.configuration,
    }),
  }));
}

const nodePorts = (fixed: FixedPorts | undefined): readonly PublishedPort[] =>
  fixed === undefined
    ? [NODE_PORTS.http, NODE_PORTS.native]
    : [
        { container: NODE_PORTS.http, host: fixed.http },
        { container: NODE_PORTS.native, host: fixed.native },
      ];

/** The Keepers of a cluster with all their files. */
export function planKeepers(image: string, names: readonly string[]): MemberPlan[] {
  return names.map((name) => ({
    name,
    image,
    ports: [KEEPER_PORTS.client],
    environment: {},
    files: { '/etc/clickhouse-keeper/keeper_config.xml': renderKeeperConfig(names, name) },
  }));
}

const below = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text]));
