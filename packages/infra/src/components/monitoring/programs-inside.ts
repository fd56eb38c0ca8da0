import { KEEPER_PORTS, keeperNames } from '../../clickhouse/keeper-config.ts';
import type { ContainerPlan } from '../../docker/container-plan.ts';
import type { ScrapedJob } from './targets.ts';

/** Where Kafka's agent serves its metrics; Terraform's module has it, too. */
const KAFKA_ADDRESS = 'kafka:9404';

/** What serves metrics by itself in a platform of containers with monitoring, as Prometheus finds it. */
export const programsInside = ({ keepers, modules }: ContainerPlan): ScrapedJob[] => [
  ...keeperNames(keepers).map((component) => ({
    ...{ job: 'keeper' as const, component, address: `${component}:${KEEPER_PORTS.metrics}` },
  })),
  ...(modules.includes('kafka')
    ? [{ job: 'kafka' as const, component: 'kafka', address: KAFKA_ADDRESS }]
    : []),
];
