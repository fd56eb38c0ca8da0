import { expect, test } from 'vitest';
import { withoutCredentials } from './without-credentials.ts';

test.each([
  [
    `SOURCE(CLICKHOUSE(HOST 'h' USER 'u' PASSWORD 'p''w' TABLE 't'))`,
    `SOURCE(CLICKHOUSE(HOST 'h' USER 'u' PASSWORD '…' TABLE 't'))`,
  ],
  [
    `SETTINGS kafka_broker_list = 'b', kafka_sasl_password = 'pw'`,
    `SETTINGS kafka_broker_list = 'b', kafka_sasl_password = '…'`,
  ],
  [`ENGINE = MySQL('h:1', 'db', 't', 'u', 'pw')`, `ENGINE = MySQL('h:1', '…', '…', '…', '…')`],
  [`ENGINE = S3('http://s/b', 'key', 'pw', 'CSV')`, `ENGINE = S3('http://s/b', '…', '…', '…')`],
  [`ENGINE = MongoDB('mongodb://u:pw@h/db', 'c')`, `ENGINE = MongoDB('mongodb://…@h/db', '…')`],
  [
    `SELECT * FROM remote('h', db.t, 'u', 'pw') WHERE a = 'b'`,
    `SELECT * FROM remote('h', db.t, '…', '…') WHERE a = 'b'`,
  ],
])('%s', (definition, shown) => {
  expect(withoutCredentials(definition)).toBe(shown);
});

test.each([
  "CREATE TABLE d.t (`password` String DEFAULT 'x') ENGINE = ReplicatedMergeTree('/p/{shard}', '{replica}')",
  "ENGINE = Distributed('c', 'd', 't', cityHash64(id))",
  "SELECT 'a' AS secretary FROM numbers(3)",
])('%s stays', (definition) => {
  expect(withoutCredentials(definition)).toBe(definition);
});
