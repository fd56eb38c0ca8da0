import type { Settings } from './settings.ts';

/**
 * Settings under which statements are kind to a cluster in production: few threads, behind other
 * queries, not for ever, ended with the connection, and found in the query log by their comment. A
 * node is sent those that it has and the account may set.
 * https://clickhouse.com/docs/operations/settings/settings
 */
export const GENTLE: Settings = {
  max_threads: '2',
  priority: '10',
  max_execution_time: '300',
  cancel_http_readonly_queries_on_client_close: '1',
  log_comment: 'provehouse',
};
