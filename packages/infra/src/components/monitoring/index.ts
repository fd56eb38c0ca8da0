import type { ComponentDescriptor } from '../descriptor.ts';
import { alertmanagerContainer } from './alertmanager-container.ts';
import { monitoringContainer } from './container.ts';
import { grafanaContainer } from './grafana-container.ts';
import { monitoringProcesses } from './native.ts';
import { postgresExporterContainer } from './postgres-exporter-container.ts';
import { redisExporterContainer } from './redis-exporter-container.ts';
import { statsdExporterContainer } from './statsd-exporter-container.ts';
import { verdictExporterContainer } from './verdict-exporter-container.ts';

/** Prometheus, which asks the other parts how they are and says what is wrong; a part of the platforms that ask for it. */
export const monitoring: ComponentDescriptor = {
  name: 'monitoring',
  kind: 'monitoring',
  native: monitoringProcesses,
  container: monitoringContainer,
};

/** What sends the alerts to people, in containers: another image than Prometheus', of which no data has to be read. */
export const alertmanager: ComponentDescriptor = {
  name: 'alertmanager',
  kind: 'monitoring',
  container: alertmanagerContainer,
};

/** What says to Prometheus how programs are that serve nothing to it themselves; as processes, they are part of `monitoring`. */
export const exporters: readonly ComponentDescriptor[] = [
  { name: 'postgres-exporter', kind: 'monitoring', container: postgresExporterContainer },
  { name: 'redis-exporter', kind: 'monitoring', container: redisExporterContainer },
  { name: 'statsd-exporter', kind: 'monitoring', container: statsdExporterContainer },
  { name: 'verdict-exporter', kind: 'monitoring', container: verdictExporterContainer },
];

/** What shows people the course of what Prometheus has asked, in containers. */
export const grafana: ComponentDescriptor = {
  name: 'grafana',
  kind: 'monitoring',
  container: grafanaContainer,
};
