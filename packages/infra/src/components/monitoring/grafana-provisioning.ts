import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ContainerFiles } from '../container-side.ts';
import { SCRAPE_SECONDS } from './prometheus-config.ts';

/** The dashboards, which are written by tools/grafana. */
const FOLDER = join(import.meta.dirname, '../../../grafana');

/** What Grafana finds when it starts: where Prometheus is, and the dashboards. */
export async function grafanaProvisioning(): Promise<ContainerFiles> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'));
  const dashboards = names.map(async (name) => [
    `grafana/dashboards/${name}`,
    await readFile(join(FOLDER, name), 'utf8'),
  ]);
  return {
    'grafana/datasources.yml': stringify(DATASOURCES),
    'grafana/dashboards.yml': stringify(DASHBOARD_PROVIDERS),
    ...Object.fromEntries(await Promise.all(dashboards)),
  };
}

/** https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources */
const DATASOURCES = {
  apiVersion: 1,
  // What a later version does not name is removed.
  prune: true,
  datasources: [
    {
      name: 'Prometheus',
      uid: 'prometheus',
      type: 'prometheus',
      access: 'proxy',
      // The name of its container, in the network that both are in.
      url: 'http://prometheus:9090',
      // The only one, too: it is what the variable of the dashboards is for.
      isDefault: true,
      editable: false,
      // Otherwise $__rate_interval is made for scrapes that are 15 s apart.
      jsonData: { timeInterval: `${SCRAPE_SECONDS}s`, httpMethod: 'POST' },
    },
  ],
};

/** https://grafana.com/docs/grafana/latest/administration/provisioning/#dashboards */
const DASHBOARD_PROVIDERS = {
  apiVersion: 1,
  providers: [
    {
      name: 'provehouse',
      folder: 'Provehouse',
      type: 'file',
      // A change would be gone at the next start: people save a copy.
      allowUiUpdates: false,
      options: { path: '/etc/provehouse/dashboards' },
    },
  ],
};
