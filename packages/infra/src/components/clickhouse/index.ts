import type { ComponentDescriptor } from '../descriptor.ts';
import { clickhouseContainers } from './container.ts';
import { clickhouseProcesses } from './native.ts';

/** ClickHouse's nodes, one for each replica of each shard. */
export const clickhouse: ComponentDescriptor = {
  name: 'clickhouse',
  kind: 'clickhouse',
  native: clickhouseProcesses,
  container: clickhouseContainers,
};
