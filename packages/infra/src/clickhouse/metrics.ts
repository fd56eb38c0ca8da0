/** Where a node serves what it counts, to anybody who reaches it. */
export const METRICS_PATH = '/metrics';

/** Where a node serves the state of its tables, to an account that may see it. */
export const TABLE_METRICS_PATH = '/metrics/tables';

/** What the account that asks for the state of tables may do. */
export const METRICS_GRANTS: readonly string[] = [
  'GRANT SHOW TABLES ON *.*',
  'GRANT SELECT ON system.replicas',
  'GRANT SELECT ON system.parts',
  'GRANT SELECT ON system.distribution_queue',
];

/** One figure of each table, out of a table or a query with the columns `database` and `table`. */
interface TableMetric {
  readonly name: string;
  readonly help: string;
  readonly value: string;
  readonly from: string;
}

const TABLE_METRICS: readonly TableMetric[] = [
  {
    name: 'provehouse_replica_readonly',
    help: 'Whether the replica takes no writes, as without coordination.',
    value: 'is_readonly',
    from: 'system.replicas',
  },
  {
    name: 'provehouse_replica_delay_seconds',
    help: 'How far the replica is behind the others.',
    value: 'absolute_delay',
    from: 'system.replicas',
  },
  {
    name: 'provehouse_replica_queue_entries',
    help: 'What the replica has yet to fetch, merge or mutate.',
    value: 'queue_size',
    from: 'system.replicas',
  },
  {
    name: 'provehouse_partition_parts',
    help: 'Active parts of the partition that has most of them.',
    value: 'max(parts)',
    from: '(SELECT database, table, partition_id, count() AS parts FROM system.parts WHERE active GROUP BY database, table, partition_id) GROUP BY database, table',
  },
  {
    name: 'provehouse_distribution_queue_files',
    help: 'Files of rows that a Distributed table has accepted and not passed on yet.',
    value: 'sum(data_files)',
    from: 'system.distribution_queue GROUP BY database, table',
  },
];

const select = ({ name, help, value, from }: TableMetric): string =>
  `SELECT '${name}' AS name, toFloat64(${value}) AS value, '${help}' AS help, 'gauge' AS type, ` +
  `map('database', database, 'table', table) AS labels FROM ${from}`;

/**
 * The rules of HTTP that serve metrics, before those that every node has.
 * Elements: https://clickhouse.com/docs/interfaces/http
 */
export const renderMetrics = () => ({
  http_handlers: {
    rule: [
      {
        url: TABLE_METRICS_PATH,
        methods: 'GET',
        handler: {
          type: 'predefined_query_handler',
          query: `SELECT * FROM (${TABLE_METRICS.map(select).join(' UNION ALL ')}) ORDER BY name, labels FORMAT Prometheus`,
        },
      },
      {
        url: METRICS_PATH,
        methods: 'GET',
        handler: {
          type: 'prometheus',
          ...{ metrics: true, events: true, asynchronous_metrics: true, errors: true },
        },
      },
    ],
    defaults: '',
  },
});
