import { join } from 'node:path';
import type { NativeProcess } from '../../native/component.ts';
import { portOf } from '../../system/ports.ts';
import type { NativeContext } from '../native-side.ts';
import { askPage } from './ask-page.ts';
import { HOST, urlOf } from './places.ts';

/** Under which names metrics are served, and for how long. */
export const MAPPING_FILE = join(import.meta.dirname, 'statsd-mapping.yml');

/** What takes the metrics that Airflow sends by UDP, and serves them to Prometheus. */
export function statsdExporter({ plan }: NativeContext, program: string): NativeProcess {
  const url = urlOf(plan, 'statsd-exporter');
  return {
    name: 'statsd-exporter',
    command: [
      program,
      `--statsd.mapping-config=${MAPPING_FILE}`,
      `--statsd.listen-udp=${HOST}:${portOf(plan, 'statsd')}`,
      '--statsd.listen-tcp=',
      `--web.listen-address=${new URL(url).host}`,
    ],
    address: new URL(url).host,
    url: `${url}/metrics`,
    budgetSeconds: 60,
    probe: (signal) => askPage(`${url}/metrics`, { signal }),
  };
}
