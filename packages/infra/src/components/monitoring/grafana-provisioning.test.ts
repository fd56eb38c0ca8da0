import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { grafanaProvisioning } from './grafana-provisioning.ts';
import { SCRAPE_SECONDS } from './prometheus-config.ts';

const MODULE = join(import.meta.dirname, '../../../terraform/modules/monitoring/main.grafana.tf');

const files = await grafanaProvisioning();
const module = await readFile(MODULE, 'utf8');

const dashboardSchema = z.object({
  uid: z.string().min(1),
  title: z.string().min(1),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string(), query: z.string() })),
  }),
});
const dashboards = Object.entries(files).filter(([path]) => path.includes('/dashboards/'));
const { datasources } = z
  .object({
    apiVersion: z.literal(1),
    datasources: z.array(
      z.object({
        ...{ uid: z.string(), type: z.string(), url: z.string(), isDefault: z.boolean() },
        jsonData: z.object({ timeInterval: z.string() }),
      }),
    ),
  })
  .parse(parse(files['grafana/datasources.yml'] ?? ''));

test('there is one data source, the Prometheus of the platform, with its scrape interval', () => {
  expect(datasources).toEqual([
    {
      ...{ uid: 'prometheus', type: 'prometheus', url: 'http://prometheus:9090', isDefault: true },
      jsonData: { timeInterval: `${SCRAPE_SECONDS}s` },
    },
  ]);
});

test.each(dashboards)('%s asks the one data source by its variable alone', (_, text) => {
  const { templating } = dashboardSchema.parse(JSON.parse(text));
  const [variable, ...others] = templating.list;
  expect(others).toEqual([]);
  expect(variable).toMatchObject({ type: 'datasource', query: datasources[0]?.type });
  const uids = [...text.matchAll(/"datasource": \{[^}]*"uid": "([^"]*)"/g)].map(([, uid]) => uid);
  expect(new Set(uids)).toEqual(new Set([`\${${variable?.name}}`]));
  // What an import in the browser would ask for, and a provisioned file cannot.
  expect(text).not.toContain('__inputs');
});

test('dashboards have ids of their own', () => {
  const uids = dashboards.map(([, text]) => dashboardSchema.parse(JSON.parse(text)).uid);
  expect(uids.toSorted()).toEqual(
    ['airflow', 'clickhouse', 'verification'].map((name) => `provehouse-${name}`),
  );
});

test("Terraform's module puts all of it where Grafana looks", () => {
  const { providers } = z
    .object({ providers: z.array(z.object({ options: z.object({ path: z.string() }) })) })
    .parse(parse(files['grafana/dashboards.yml'] ?? ''));
  const paths = providers.map(({ options }) => options.path);
  expect(paths).toHaveLength(1);
  expect(module).toContain(`"${paths[0]}/\${file}" =>`);
  expect(module).toContain('/etc/grafana/provisioning/${kind}/');
  const [, home = ''] = /HOME_DASHBOARD_PATH *= "([^"]*)"/.exec(module) ?? [];
  expect(home).toBe(`${paths[0]}/${basename(home)}`);
  expect(files).toHaveProperty([`grafana/dashboards/${basename(home)}`]);
});
