import { KEEPER_PORTS, keeperNames, renderKeeperConfig } from '../clickhouse/keeper-config.ts';
import type { ContainerPlan } from '../docker/container-plan.ts';
import { ensemblePorts, ensembleProcesses } from '../native/engines/ensemble.ts';
import { portOf } from '../system/ports.ts';
import type { ComponentDescriptor } from './descriptor.ts';
import { agentOf, metricsPortOf } from './monitoring/metrics-programs.ts';

/** What nodes agree through: ZooKeepers or Keepers as processes, Keepers in containers. */
export const coordination: ComponentDescriptor = {
  name: 'coordination',
  kind: 'coordination',
  native: {
    isPart: ({ engine }) =>
      engine.coordination !== undefined && engine.coordination.kind !== 'existing',
    startOrder: 4,
    ports: ({ engine }) => (engine.coordination ? ensemblePorts(engine.coordination) : []),
    processes: ({ folder, plan }) =>
      plan.engine.coordination
        ? ensembleProcesses({
            ...{ folder, coordination: plan.engine.coordination },
            portOf: (name) => portOf(plan, name),
            agentOf: (member) => agentOf(plan, member),
            metricsPortOf: (member) => metricsPortOf(plan, member),
          })
        : [],
    // A server that has lost its coordination takes long to end.
    stopWave: (process) => (/^(keeper|zookeeper)-/.test(process) ? 'last' : undefined),
  },
  container: {
    isPart: ({ keepers }) => keepers > 0,
    images: ['keeper'],
    keepsData: true,
    ports: ({ keepers }) =>
      keeperNames(keepers).map((name, index) => ({
        ...{ name: `${name}.client`, preferred: KEEPER_PORTS.client + index },
      })),
    files({ keepers, modules }) {
      const names = keeperNames(keepers);
      const metrics = modules.includes('monitoring');
      return Object.fromEntries(
        names.map((name) => [
          `keeper/${name}/keeper_config.xml`,
          renderKeeperConfig(names, name, { metrics }),
        ]),
      );
    },
    variables: (plan) => ({
      keepers: containerKeepers(plan).map(({ name, port }) => ({ name, client_port: port })),
    }),
  },
};

/** The Keepers of a plan of containers as this machine reaches them. */
export const containerKeepers = (
  plan: ContainerPlan,
): { readonly name: string; readonly host: string; readonly port: number }[] =>
  keeperNames(plan.keepers).map((name) => ({
    ...{ name, host: '127.0.0.1' },
    port: portOf(plan, `${name}.client`),
  }));
