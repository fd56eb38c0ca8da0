import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { PASSWORD } from '../../../test/hard-passwords.ts';
import { archiveOf, assetFiles } from './assets.ts';

test('a password with special characters arrives in the address of the database, which is read twice', () => {
  const place = { host: '127.0.0.1', port: 8123, database: 'otus_default' };
  const archive = unzipSync(
    archiveOf(assetFiles({ ...place, user: 'bi_user', password: PASSWORD })),
  );
  const text = strFromU8(archive['assets/databases/clickhouse.yaml'] ?? new Uint8Array());
  const { sqlalchemy_uri: uri } = JSON.parse(text) as { sqlalchemy_uri: string };
  const url = new URL(uri);
  expect([url.username, url.host, url.pathname]).toEqual([
    ...['bi_user', '127.0.0.1:8123', '/otus_default'],
  ]);
  expect(decodeURIComponent(decodeURIComponent(url.password))).toBe(PASSWORD);
});

test('charts are on the dashboard, and each asks the one dataset', () => {
  const files = assetFiles({ host: 'h', port: 1, database: 'd', user: 'u', password: 'p' });
  const names = Object.keys(files).filter((name) => name.startsWith('charts/'));
  const dashboard = JSON.stringify(files['dashboards/demo.yaml']);
  for (const name of names) {
    const chart = files[name] as { uuid: string; dataset_uuid: string };
    expect(dashboard).toContain(chart.uuid);
    expect((files['datasets/demo.yaml'] as { uuid: string }).uuid).toBe(chart.dataset_uuid);
  }
  expect(names).toHaveLength(5);
});
