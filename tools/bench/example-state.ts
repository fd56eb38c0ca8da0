/** A state as Terraform writes it, with what the modules make of a database, a job and a component. */
export const exampleState = (): string =>
  JSON.stringify({
    version: 4,
    resources: [
      resource('module.postgres', 'docker_image', {
        image_id: 'sha256:aa',
        name: 'postgres:18.6-trixie',
      }),
      resource('module.postgres.module.server["postgres"]', 'docker_container', {
        ...container('postgres', 'postgres'),
        env: ['POSTGRES_PASSWORD_FILE=/run/provehouse/superuser.password'],
        command: ['postgres', '-c', 'log_min_error_statement=panic'],
        ports: [{ internal: 5432, external: 21_000, ip: '127.0.0.1' }],
        volumes: [
          {
            container_path: '/var/lib/postgresql',
            volume_name: 'provehouse-example-postgres-data',
            host_path: '',
          },
        ],
        upload: [
          { file: '/run/provehouse/superuser.password', content: '', source: '/config/password' },
        ],
        healthcheck: [health('test "$(psql -tAc \'SELECT 1\')" = 1')],
      }),
      resource(
        'module.postgres.module.accounts["postgres-accounts"]',
        'docker_container',
        {
          ...container('postgres-accounts', 'postgres'),
          entrypoint: ['sh', '/opt/provehouse/accounts.sh'],
          restart: 'no',
          upload: [{ file: '/opt/provehouse/accounts.sh', content: 'exit 0\n', source: '' }],
        },
        [
          'module.postgres.docker_image.this',
          'module.postgres.module.server.docker_container.this',
        ],
      ),
      resource(
        'module.airflow.module.component["airflow-scheduler"]',
        'docker_container',
        {
          ...container('airflow-scheduler', 'airflow'),
          networks_advanced: [network('airflow'), network('postgres')],
          volumes: [{ container_path: '/opt/airflow/dags', volume_name: '', host_path: '/dags' }],
          healthcheck: [health('true')],
        },
        [
          'module.minio.module.server.docker_container.this',
          'module.postgres.module.accounts.docker_container.this',
          'module.postgres.module.server.docker_container.this',
        ],
      ),
      resource('module.clickhouse.module.node["clickhouse-01"]', 'docker_container', {
        ...container('clickhouse-01', 'clickhouse'),
        volumes: [
          {
            container_path: '/var/lib/clickhouse',
            volume_name: 'provehouse-example-clickhouse-01-data',
            host_path: '',
          },
        ],
        healthcheck: [health('true')],
      }),
    ],
  });

/** One resource of a state. */
export const resource = (
  module: string,
  type: string,
  attributes: object,
  dependencies: readonly string[] = [],
): object => ({ module, type, name: 'this', instances: [{ attributes, dependencies }] });

const network = (name: string): object => ({ name: `provehouse-example-${name}` });

const health = (command: string): object => ({
  test: ['CMD-SHELL', command],
  interval: '2s',
  timeout: '5s',
  start_period: '2m0s',
  retries: 3,
});

/** What every container has; blocks that are not used are null. */
const container = (component: string, kind: string): object => ({
  name: `provehouse-example-${component}`,
  hostname: component,
  image: 'sha256:aa',
  user: '999:999',
  command: [],
  entrypoint: null,
  env: null,
  init: true,
  restart: 'unless-stopped',
  memory: 512,
  security_opts: ['no-new-privileges:true'],
  capabilities: [{ add: [], drop: ['ALL'] }],
  log_driver: 'json-file',
  log_opts: { 'max-size': '10m', 'max-file': '3' },
  stop_signal: 'SIGTERM',
  stop_timeout: 20,
  labels: [
    { label: 'org.provehouse.component', value: component },
    { label: 'org.provehouse.kind', value: kind },
    { label: 'org.provehouse.platform', value: 'example' },
  ],
  networks_advanced: [network(kind)],
  ports: null,
  volumes: null,
  upload: null,
  healthcheck: null,
});
