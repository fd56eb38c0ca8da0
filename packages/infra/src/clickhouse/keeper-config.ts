import type { Address } from './config.ts';
import { xml } from './xml.ts';

/** Ports of a Keeper, for nodes, for the other Keepers and for Prometheus. */
export const KEEPER_PORTS = { client: 9181, raft: 9234, metrics: 9363 } as const;

/** How many Keepers there are where nodes replicate: the fewest that outlive the loss of one. */
export const KEEPERS = 3;

/** Names of the Keepers in containers. */
export const keeperNames = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, index) => `clickhouse-keeper-${String(index + 1).padStart(2, '0')}`,
  );

/** One member of an ensemble: where it listens, where the others find it, where its files are. */
export interface KeeperSettings {
  readonly listenHost: string;
  readonly clientPort: number;
  readonly dataFolder: string;
  /** Number of this one among the members, from 1. */
  readonly id: number;
  /** Where the members speak with each other, in order. */
  readonly members: readonly Address[];
  /** The shortest session that a node may ask for; Keeper's default if absent. */
  readonly minimumSessionMs?: number;
  /** Where it serves its metrics to Prometheus, if it does. */
  readonly metricsPort?: number;
}

/** The configuration of a Keeper in a container; `names` are the members of the ensemble in order. */
export const renderKeeperConfig = (
  names: readonly string[],
  name: string,
  { metrics = false }: { readonly metrics?: boolean } = {},
): string =>
  renderKeeper({
    listenHost: '0.0.0.0',
    clientPort: KEEPER_PORTS.client,
    dataFolder: '/var/lib/clickhouse-keeper',
    id: names.indexOf(name) + 1,
    members: names.map((host) => ({ host, port: KEEPER_PORTS.raft })),
    minimumSessionMs: 1_000,
    ...(metrics && { metricsPort: KEEPER_PORTS.metrics }),
  });

/**
 * One Keeper's configuration as XML.
 * Elements: https://clickhouse.com/docs/guides/sre/keeper/clickhouse-keeper
 */
export function renderKeeper(settings: KeeperSettings): string {
  const { listenHost, clientPort, dataFolder, id, members } = settings;
  const { minimumSessionMs, metricsPort } = settings;
  return xml.build({
    clickhouse: {
      logger: { level: 'information', console: 1 },
      listen_host: listenHost,
      ...(metricsPort !== undefined && {
        prometheus: {
          ...{ endpoint: '/metrics', port: metricsPort },
          ...{ metrics: true, events: true, asynchronous_metrics: true },
        },
      }),
      keeper_server: {
        tcp_port: clientPort,
        server_id: id,
        log_storage_path: `${dataFolder}/coordination/log`,
        snapshot_storage_path: `${dataFolder}/coordination/snapshots`,
        four_letter_word_white_list: 'mntr,srvr,ruok',
        coordination_settings: {
          ...(minimumSessionMs !== undefined && { min_session_timeout_ms: minimumSessionMs }),
          session_timeout_ms: 30_000,
          operation_timeout_ms: 10_000,
        },
        raft_configuration: {
          server: members.map(({ host, port }, index) => ({ id: index + 1, hostname: host, port })),
        },
      },
    },
  });
}
