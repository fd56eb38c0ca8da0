import type { Secrets } from '@provehouse/secrets';
import { expect } from 'vitest';
import { supersetAdmin } from '../src/components/superset/account.ts';
import type { AssetFiles } from '../src/components/superset/assets.ts';
import { SupersetClient } from '../src/components/superset/superset-client.ts';
import type { Deployment } from '../src/state/deployment.ts';
import { ask } from './ask.ts';

/** Makes the table of the demo, with a hundred rows. */
export async function fillDemoTable(deployment: Deployment, secrets: Secrets): Promise<void> {
  const su = { user: secrets.super_user_name, password: secrets.super_user_password };
  for (const statement of [
    `CREATE TABLE otus_default.rows (id UInt32, name String, category String, price Decimal(10, 2), created_at DateTime) ENGINE = MergeTree ORDER BY id`,
    `CREATE TABLE otus_default.hw16_demo_products AS otus_default.rows ENGINE = Distributed(dwh_test, otus_default, rows)`,
    `INSERT INTO otus_default.rows SELECT number, 'p', if(number % 3 = 0, 'Books', 'Home'), number / 7, toDateTime('2026-01-15 00:00:00') + number * 86400 FROM numbers(100)`,
  ]) {
    expect(await ask(deployment.clickhouse.nodes[0]!.httpPort, su, statement)).toBe('');
  }
}

/** Asks the deployment's Superset as its administrator. */
export const connectSuperset = (deployment: Deployment, secrets: Secrets): SupersetClient =>
  new SupersetClient(deployment.superset!.url, supersetAdmin(secrets));

/** Each chart that the deployment names shows what ClickHouse answers the reader. */
export async function expectTrueCharts(deployment: Deployment, secrets: Secrets): Promise<void> {
  const reader = { user: secrets.bi_user_name, password: secrets.bi_user_password };
  const { charts, dashboard } = deployment.superset!;
  const client = connectSuperset(deployment, secrets);
  const found = (await client.charts(dashboard)) ?? [];
  expect(found.map(({ name }) => name).sort()).toEqual(charts.map(({ name }) => name).sort());
  for (const { name, sql, table } of charts) {
    const { id, dataset } = found.find((chart) => chart.name === name)!;
    const { rows } = await client.chartData(id, { force: true });
    const answer = await ask(
      deployment.clickhouse.nodes[0]!.httpPort,
      reader,
      `${sql} FORMAT JSONEachRow`,
    );
    const lines = answer.split('\n');
    expect(rows.map((row) => JSON.stringify(row)).sort(), name).toEqual(lines.sort());
    const { schema, table: of } = await client.dataset(dataset);
    expect(`${schema}.${of}`).toBe(table);
  }
}

/** The same assets as if somebody had made them by hand, on the dashboard `own`. */
export const ownAssets = (files: AssetFiles): AssetFiles =>
  JSON.parse(
    JSON.stringify(files)
      .replaceAll('6b0cdd0a-', '7c0cdd0a-')
      .replace('"slug":"provehouse"', '"slug":"own"')
      .replace('"database_name":"ClickHouse"', '"database_name":"own"'),
  ) as AssetFiles;
