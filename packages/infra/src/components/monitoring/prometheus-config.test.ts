import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderPrometheus } from './prometheus-config.ts';

const node = { component: 'clickhouse-01', address: '127.0.0.1:8123' };
const logins = [
  { of: 'clickhouse', user: 'monitoring', passwordFile: '/config/clickhouse.password' },
  { of: 'alertmanager', user: 'monitoring', passwordFile: '/config/alertmanager.password' },
] as const;

const render = () =>
  parse(
    renderPrometheus({
      targets: [
        { job: 'clickhouse', ...node },
        { job: 'clickhouse-tables', ...node },
        { job: 'clickhouse', component: 'clickhouse-02', address: '127.0.0.1:8124' },
      ],
      ...{ rulesFile: '/config/alerts.yml', alertmanager: '127.0.0.1:9093', logins },
    }),
  );

test('targets of a job are asked alike, each under the name of its component', () => {
  const { scrape_configs: jobs, rule_files } = render();
  expect(rule_files).toEqual(['/config/alerts.yml']);
  expect(jobs).toHaveLength(2);
  expect(jobs[0]).toEqual({
    ...{ job_name: 'clickhouse', metrics_path: '/metrics' },
    static_configs: [
      { targets: ['127.0.0.1:8123'], labels: { component: 'clickhouse-01' } },
      { targets: ['127.0.0.1:8124'], labels: { component: 'clickhouse-02' } },
    ],
  });
});

test('a login names the file of its password', () => {
  expect(render().scrape_configs[1]).toMatchObject({
    metrics_path: '/metrics/tables',
    basic_auth: { username: 'monitoring', password_file: '/config/clickhouse.password' },
  });
});

test('alerts go to the Alertmanager, with its login', () => {
  expect(render().alerting.alertmanagers).toEqual([
    {
      basic_auth: { username: 'monitoring', password_file: '/config/alertmanager.password' },
      static_configs: [{ targets: ['127.0.0.1:9093'] }],
    },
  ]);
});
