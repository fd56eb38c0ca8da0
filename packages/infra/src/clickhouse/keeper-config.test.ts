import { XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { renderKeeper, renderKeeperConfig } from './keeper-config.ts';

const names = ['clickhouse-keeper-01', 'clickhouse-keeper-02', 'clickhouse-keeper-03'];

test('a Keeper has its own number, and all know the same ensemble', () => {
  const [first, second] = ['clickhouse-keeper-01', 'clickhouse-keeper-02'].map(
    (name) => new XMLParser().parse(renderKeeperConfig(names, name)).clickhouse.keeper_server,
  );
  expect([first.server_id, second.server_id]).toEqual([1, 2]);
  expect(first.raft_configuration).toEqual(second.raft_configuration);
  expect(first.raft_configuration.server).toHaveLength(3);
  expect(first.raft_configuration.server[2]).toEqual({ id: 3, hostname: names[2], port: 9234 });
});

test('a Keeper answers the words that checks need, and no others', () => {
  expect(renderKeeperConfig(names, 'clickhouse-keeper-01')).toContain(
    '<four_letter_word_white_list>mntr,srvr,ruok<',
  );
});

test('a Keeper serves metrics where it is given a port for them, and nowhere else', () => {
  const settings = {
    ...{ listenHost: '127.0.0.1', clientPort: 9181, dataFolder: '/data', id: 1 },
    members: [{ host: '127.0.0.1', port: 9234 }],
  };
  const served = (text: string) => new XMLParser().parse(text).clickhouse.prometheus;
  expect(served(renderKeeper({ ...settings, metricsPort: 9363 }))).toEqual({
    ...{ endpoint: '/metrics', port: 9363 },
    ...{ metrics: true, events: true, asynchronous_metrics: true },
  });
  expect(served(renderKeeper(settings))).toBeUndefined();
});
