import type { Settings } from './settings.ts';

/**
 * Settings under which statements are kind to a cluster in production: few threads, behind other
 * queries, neither for ever nor for all memory, 1 TB read at most, and ended with the connection. A node
 * is sent those that it has and the account may set, and none by which more would be allowed than now.
 * https://clickhouse.com/docs/operations/settings/settings
 */
export const GENTLE: Settings = {
  max_threads: '2',
  priority: '10',
  max_execution_time: '300',
  max_memory_usage: '4000000000',
  max_bytes_to_read: '1000000000000',
  cancel_http_readonly_queries_on_client_close: '1',
};
