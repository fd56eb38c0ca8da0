import type { Board, Panel } from './board.ts';

/** How often something happens on each node, by an event that a server counts. */
const rateOf = (event: string): Panel['queries'] => [
  {
    expr: `rate(ClickHouseProfileEvents_${event}{job="clickhouse"}[$__rate_interval])`,
    legend: '{{component}}',
  },
];

/** What a node says of its tables, the worst of a table for each node. */
const worstOf = (metric: string): Panel['queries'] => [
  {
    expr: `max by (component, database, table) (${metric})`,
    legend: '{{component}} {{database}}.{{table}}',
  },
];

/** The nodes of a ClickHouse cluster, their replicas and their tables. */
export const clickhouse: Board = {
  uid: 'provehouse-clickhouse',
  title: 'ClickHouse cluster',
  description: 'Nodes, replicas and tables of a cluster that the module monitoring scrapes.',
  rows: [
    {
      title: 'Nodes',
      panels: [
        {
          title: 'Nodes that answer',
          description: '1 where a node answers. Look at the log of one that does not: infra:logs.',
          unit: 'none',
          stat: { redBelow: 1 },
          queries: [{ expr: 'up{job="clickhouse"}', legend: '{{component}}' }],
        },
        {
          title: 'Queries',
          description: 'Queries that began, of people, pipelines and other nodes.',
          unit: 'reqps',
          queries: rateOf('Query'),
        },
        {
          title: 'Queries that failed',
          description: 'Reasons are in system.query_log of the node.',
          unit: 'reqps',
          queries: rateOf('FailedQuery'),
        },
        {
          title: 'Rows inserted',
          description: 'Rows that a node was given, once for each table that they reach.',
          unit: 'rowsps',
          queries: rateOf('InsertedRows'),
        },
        {
          title: 'Rows read',
          description: 'Rows that queries read from tables.',
          unit: 'rowsps',
          queries: rateOf('SelectedRows'),
        },
        {
          title: 'Memory of queries and caches',
          description: 'What the server accounts for; less than what the process has.',
          unit: 'bytes',
          queries: [
            {
              expr: 'ClickHouseMetrics_MemoryTracking{job="clickhouse"}',
              legend: '{{component}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Replication',
      panels: [
        {
          title: 'Replicas that take no writes',
          description:
            'Such a replica has no session with coordination: look at Keepers or ZooKeepers.',
          unit: 'none',
          stat: { redFrom: 1 },
          queries: [
            {
              expr: 'sum by (component) (provehouse_replica_readonly)',
              legend: '{{component}}',
            },
          ],
        },
        {
          title: 'Replication lag',
          description: 'How far a replica is behind. Look at system.replication_queue of the node.',
          unit: 's',
          queries: worstOf('provehouse_replica_delay_seconds'),
        },
        {
          title: 'Replication queue',
          description: 'Entries that a replica has not executed yet.',
          unit: 'short',
          queries: worstOf('provehouse_replica_queue_entries'),
        },
        {
          title: 'Requests to coordination',
          description: 'Requests of a node to Keepers or ZooKeepers.',
          unit: 'reqps',
          queries: rateOf('ZooKeeperTransactions'),
        },
        {
          title: 'Sessions with coordination',
          description: 'One for each node; none where the ensemble has no quorum.',
          unit: 'none',
          queries: [
            {
              expr: 'ClickHouseMetrics_ZooKeeperSession{job="clickhouse"}',
              legend: '{{component}}',
            },
          ],
        },
        {
          title: 'Rows that wait for another node',
          description:
            'Files of Distributed tables. Look at last_exception of system.distribution_queue.',
          unit: 'short',
          queries: worstOf('provehouse_distribution_queue_files'),
        },
      ],
    },
    {
      title: 'Coordination',
      panels: [
        {
          title: 'Coordinators that answer',
          description:
            'The ensemble goes on while more than half of them answer. Look at the log of one that does not: infra:logs.',
          unit: 'none',
          stat: { redBelow: 1 },
          queries: [{ expr: 'up{job=~"zookeeper|keeper"}', legend: '{{component}}' }],
        },
        {
          title: 'Role of each ZooKeeper',
          description: '0 looks for a leader, 1 follows it, 2 is the leader, 3 is alone.',
          unit: 'none',
          queries: [{ expr: 'zookeeper_role', legend: '{{component}}' }],
        },
        {
          title: 'Requests that wait in a ZooKeeper',
          description: 'Where there are more and more, its disk or its processor is too slow.',
          unit: 'short',
          queries: [{ expr: 'zookeeper_outstanding_requests', legend: '{{component}}' }],
        },
      ],
    },
    {
      title: 'Parts and merges',
      panels: [
        {
          title: 'Parts of the fullest partition',
          description:
            'Inserts are delayed from 1,000 parts in a partition on, and refused from 3,000 on.',
          unit: 'short',
          queries: worstOf('provehouse_partition_parts'),
        },
        {
          title: 'Merges and mutations that run',
          description: 'Work of the background pool.',
          unit: 'short',
          queries: [
            {
              expr: 'ClickHouseMetrics_Merge{job="clickhouse"}',
              legend: '{{component}} merges',
            },
            {
              expr: 'ClickHouseMetrics_PartMutation{job="clickhouse"}',
              legend: '{{component}} mutations',
            },
          ],
        },
        {
          title: 'Inserts that were delayed',
          description: 'Too many parts: insert more rows at a time.',
          unit: 'reqps',
          queries: rateOf('DelayedInserts'),
        },
      ],
    },
  ],
};
