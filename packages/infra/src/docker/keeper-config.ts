import { XMLBuilder } from 'fast-xml-parser';

const builder = new XMLBuilder({ format: true, indentBy: '  ', suppressEmptyNode: true });

/** Ports of a Keeper, for nodes and for the other Keepers. */
export const KEEPER_PORTS = { client: 9181, raft: 9234 } as const;

/**
 * One Keeper's configuration as XML; `names` are the members of the ensemble in order.
 * Elements: https://clickhouse.com/docs/guides/sre/keeper/clickhouse-keeper
 */
export function renderKeeperConfig(names: readonly string[], name: string): string {
  const data = '/var/lib/clickhouse-keeper';
  return builder.build({
    clickhouse: {
      logger: { level: 'information', console: 1 },
      listen_host: '0.0.0.0',
      keeper_server: {
        tcp_port: KEEPER_PORTS.client,
        server_id: names.indexOf(name) + 1,
        log_storage_path: `${data}/coordination/log`,
        snapshot_storage_path: `${data}/coordination/snapshots`,
        four_letter_word_white_list: '*',
        coordination_settings: { session_timeout_ms: 30_000, operation_timeout_ms: 10_000 },
        raft_configuration: {
          server: names.map((hostname, index) => ({
            id: index + 1,
            hostname,
            port: KEEPER_PORTS.raft,
          })),
        },
      },
    },
  });
}
