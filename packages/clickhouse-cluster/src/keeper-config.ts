import { XMLBuilder } from 'fast-xml-parser';

/** Where a Keeper listens, inside its container. */
export const KEEPER_PORTS = { client: 9181, raft: 9234 } as const;

const DATA = '/var/lib/clickhouse-keeper/coordination';

const builder = new XMLBuilder({ format: true, indentBy: '  ' });

/**
 * The configuration of one Keeper as XML; `keepers` are the host names of all, in the order of their
 * server ids.
 * Elements: https://clickhouse.com/docs/guides/sre/keeper/clickhouse-keeper
 */
export function renderKeeperConfig(keepers: readonly string[], keeper: string): string {
  return builder.build({
    clickhouse: {
      logger: { level: 'information', console: 1 },
      listen_host: '0.0.0.0',
      keeper_server: {
        tcp_port: KEEPER_PORTS.client,
        server_id: keepers.indexOf(keeper) + 1,
        log_storage_path: `${DATA}/log`,
        snapshot_storage_path: `${DATA}/snapshots`,
        coordination_settings: {
          operation_timeout_ms: 10_000,
          session_timeout_ms: 30_000,
          // A cluster of minutes should find its leader, and miss one, at once.
          heart_beat_interval_ms: 100,
          election_timeout_lower_bound_ms: 300,
          election_timeout_upper_bound_ms: 600,
        },
        raft_configuration: {
          server: keepers.map((hostname, index) => ({
            id: index + 1,
            hostname,
            port: KEEPER_PORTS.raft,
          })),
        },
      },
    },
  });
}
