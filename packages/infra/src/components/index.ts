import { airflow } from './airflow/index.ts';
import { api } from './api/index.ts';
import { clickhouse } from './clickhouse/index.ts';
import { coordination } from './coordination.ts';
import type { ComponentDescriptor } from './descriptor.ts';
import { kafka } from './kafka/index.ts';
import { metabase } from './metabase/index.ts';
import { alertmanager, exporters, grafana, monitoring } from './monitoring/index.ts';
import { postgres } from './postgres.ts';
import { storage } from './storage/index.ts';
import { superset } from './superset/index.ts';
import { valkey } from './valkey.ts';

/** Everything that a platform may be made of; earlier ones choose their ports first. */
export const COMPONENTS: readonly ComponentDescriptor[] = [
  clickhouse,
  coordination,
  postgres,
  valkey,
  airflow,
  kafka,
  api,
  storage,
  monitoring,
  alertmanager,
  ...exporters,
  grafana,
  superset,
  metabase,
];
