import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderPrometheus } from './prometheus-config.ts';

const node = { component: 'clickhouse-01', address: '127.0.0.1:8123' };
const logins = [
  { of: 'clickhouse', user: 'monitoring', passwordFile: '/config/clickhouse.password' },
] as const;

const render = () =>
  parse(
    renderPrometheus({
      targets: [
        { job: 'clickhouse', ...node },
        { job: 'clickhouse-tables', ...node },
        { job: 'clickhouse', component: 'clickhouse-02', address: '127.0.0.1:8124' },
      ],
      ...{ rulesFile: '/config/alerts.yml', logins },
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
