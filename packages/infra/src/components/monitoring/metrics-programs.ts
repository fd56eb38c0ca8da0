import type { CoordinationChoice, EngineChoice } from '../../clickhouse/engine.ts';
import { KEEPER_PORTS } from '../../clickhouse/keeper-config.ts';
import { coordinatorNames } from '../../native/engines/ensemble.ts';
import { JMX_METRICS, type JmxAgent } from '../../native/jmx/jmx-agent.ts';
import { modulesOf, type Plan } from '../../native/plan.ts';
import type { Module } from '../../runtime.ts';
import type { PortRequest } from '../../system/ports.ts';
import type { ScrapedJob } from './targets.ts';

const HOST = '127.0.0.1';

/** A program of a platform that serves metrics only where the platform has monitoring. */
export interface MetricsProgram {
  readonly job: 'zookeeper' | 'keeper' | 'kafka';
  readonly component: string;
  /** Where it serves them. */
  readonly port: PortRequest;
}

/** What decides which of these programs a platform starts. */
export interface MetricsShape {
  readonly engine: EngineChoice;
  readonly modules: readonly Module[];
}

/** The programs of a platform of that shape that serve metrics where it has monitoring. */
export const metricsPrograms = ({ engine, modules }: MetricsShape): MetricsProgram[] => [
  ...(engine.coordination ? coordinators(engine.coordination) : []),
  ...(modules.includes('kafka') ? [KAFKA] : []),
];

const KAFKA: MetricsProgram = {
  ...{ job: 'kafka', component: 'kafka' },
  port: { name: 'kafka-metrics', preferred: 9404 },
};

/** Their ports by convention. */
const FIRST_PORTS = { zookeeper: 7000, keeper: KEEPER_PORTS.metrics } as const;

function coordinators(coordination: CoordinationChoice): MetricsProgram[] {
  const { kind } = coordination;
  if (kind === 'existing') return [];
  return coordinatorNames(coordination).map((component, index) => ({
    ...{ job: kind, component },
    port: { name: `${component}.metrics`, preferred: FIRST_PORTS[kind] + index },
  }));
}

/** Whether a program is one of Java, in which an agent serves the metrics. */
export const hasAgent = ({ job }: MetricsProgram): boolean => job !== 'keeper';

/** Where Prometheus finds those programs of a platform. */
export const metricsTargets = (plan: Plan): ScrapedJob[] =>
  programsOf(plan).flatMap(({ job, component, port: { name } }) => {
    const port = plan.ports[name];
    return port === undefined ? [] : [{ job, component, address: `${HOST}:${port}` }];
  });

/** Where a program serves metrics; undefined where it does not, as without monitoring. */
export function metricsPortOf(plan: Plan, component: string): number | undefined {
  const program = programOf(plan, component);
  return program && plan.ports[program.port.name];
}

/** The agent in a program of Java; undefined where there is none, as without monitoring. */
export function agentOf(plan: Plan, component: string): JmxAgent | undefined {
  const job = programOf(plan, component)?.job;
  const port = metricsPortOf(plan, component);
  const jar = plan.modules.monitoring?.find((word) => word.endsWith('.jar'));
  if (job === undefined || job === 'keeper' || port === undefined || jar === undefined) return;
  return { jar, address: { host: HOST, port }, metrics: JMX_METRICS[job] };
}

const programsOf = (plan: Plan): MetricsProgram[] =>
  metricsPrograms({ engine: plan.engine, modules: modulesOf(plan) });

const programOf = (plan: Plan, component: string): MetricsProgram | undefined =>
  programsOf(plan).find((one) => one.component === component);
