import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Address } from '../../clickhouse/config.ts';
import { askCoordinator } from '../../clickhouse/coordination.ts';
import { renderKeeper } from '../../clickhouse/keeper-config.ts';
import type { PortRequest } from '../../system/ports.ts';
import type { StateFolder } from '../../state/state-folder.ts';
import type { NativeProcess } from '../component.ts';
import type { CoordinationChoice } from '../../clickhouse/engine.ts';
import { withJmxAgent, type JmxAgent } from '../jmx/jmx-agent.ts';
import { inOwnGroup } from '../../system/own-group.ts';
import { renderZookeeper } from '../zookeeper/zoo-config.ts';

type OwnCoordination = Extract<CoordinationChoice, { command: unknown }>;

const HOST = '127.0.0.1';

/** The names of the members that are started; none where an ensemble is there already. */
export const coordinatorNames = (coordination: CoordinationChoice): string[] =>
  coordination.kind === 'existing'
    ? []
    : Array.from(
        { length: coordination.members },
        (_, index) => `${coordination.kind}-0${index + 1}`,
      );

/** The ports of the members, with the numbers that they have by convention. */
export const ensemblePorts = (coordination: CoordinationChoice): PortRequest[] =>
  coordinatorNames(coordination).flatMap((name, index) =>
    coordination.kind === 'keeper'
      ? [
          { name: `${name}.client`, preferred: 9181 + index },
          { name: `${name}.raft`, preferred: 9234 + index },
        ]
      : [
          { name: `${name}.client`, preferred: 2181 + index },
          { name: `${name}.peer`, preferred: 2888 + index },
          { name: `${name}.election`, preferred: 3888 + index },
        ],
  );

/** Where nodes reach coordination; `portOf` gives the port that a member's was planned to be. */
export const coordinationServers = (
  coordination: CoordinationChoice,
  portOf: (name: string) => number,
): readonly Address[] =>
  coordination.kind === 'existing'
    ? coordination.servers
    : coordinatorNames(coordination).map((name) => ({
        host: HOST,
        port: portOf(`${name}.client`),
      }));

export interface EnsembleOptions {
  readonly folder: StateFolder;
  readonly coordination: CoordinationChoice;
  readonly portOf: (name: string) => number;
  /** The agent in a ZooKeeper, where it is to serve metrics. */
  readonly agentOf: (member: string) => JmxAgent | undefined;
  /** Where a Keeper is to serve metrics, if it is. */
  readonly metricsPortOf: (member: string) => number | undefined;
}

/** The members of the ensemble, a process each. */
export const ensembleProcesses = (options: EnsembleOptions): NativeProcess[] => {
  const { coordination } = options;
  if (coordination.kind === 'existing') return [];
  return coordinatorNames(coordination).map((name, index) =>
    memberProcess({ ...options, coordination }, name, index),
  );
};

type MemberOptions = EnsembleOptions & { readonly coordination: OwnCoordination };

function memberProcess(
  { folder, coordination, portOf, agentOf, metricsPortOf }: MemberOptions,
  name: string,
  index: number,
): NativeProcess {
  const { kind, command } = coordination;
  const dataFolder = join(folder.data, name);
  const configFolder = join(folder.config, name);
  const configFile = join(configFolder, kind === 'keeper' ? 'config.xml' : 'zoo.cfg');
  const address = { host: HOST, port: portOf(`${name}.client`) };
  const names = coordinatorNames(coordination);
  return {
    name,
    command: inOwnGroup(100 + index, [
      ...withJmxAgent(command, agentOf(name)),
      kind === 'keeper' ? `--config-file=${configFile}` : configFile,
    ]),
    address: `${address.host}:${address.port}`,
    budgetSeconds: 60,
    async prepare() {
      await mkdir(configFolder, { recursive: true });
      await mkdir(dataFolder, { recursive: true });
      if (kind === 'keeper') {
        const members = names.map((member) => ({ host: HOST, port: portOf(`${member}.raft`) }));
        const metricsPort = metricsPortOf(name);
        const settings = {
          ...{ listenHost: HOST, clientPort: address.port, dataFolder, members },
          minimumSessionMs: 1_000,
          ...(metricsPort !== undefined && { metricsPort }),
        };
        await writeFile(configFile, renderKeeper({ ...settings, id: index + 1 }));
      } else {
        await writeFile(join(dataFolder, 'myid'), String(index + 1));
        const members = names.map((member) => [
          portOf(`${member}.peer`),
          portOf(`${member}.election`),
        ]);
        await writeFile(configFile, renderZookeeper(dataFolder, address, members));
      }
    },
    async probe() {
      await askCoordinator(address);
    },
  };
}
