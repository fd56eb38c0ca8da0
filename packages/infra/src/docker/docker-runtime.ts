import { resolve } from 'node:path';
import type { ComponentDescriptor } from '../components/descriptor.ts';
import { COMPONENTS } from '../components/index.ts';
import { readDeployment } from '../state/deployment-file.ts';
import { silent, type Runtime } from '../runtime.ts';
import { PlatformStateError } from '../state/state-error.ts';
import { stateFolder } from '../state/state-folder.ts';
import { containerStatus, untilHealthy } from './container-status.ts';
import { leftOut } from './components.ts';
import { hasContainerPlan, readContainerPlan } from './container-plan.ts';
import { containersOf, findContainer } from './containers.ts';
import { dockerDown } from './docker-down.ts';
import { dockerPlan, dockerUp, type PlatformPlace } from './docker-up.ts';
import { docker } from './engine.ts';
import { pauseContainer } from './pause-container.ts';

/** Platforms whose parts are containers, made by Terraform. @throws SecretsError for a name that cannot be a platform's */
export function dockerRuntime({
  home,
  name,
  components = COMPONENTS,
}: {
  readonly home: string;
  readonly name: string;
  /** What platforms may be made of. */
  readonly components?: readonly ComponentDescriptor[];
}): Runtime {
  const folder = stateFolder(resolve(home), name);
  const place: PlatformPlace = { folder, name, descriptors: components };
  const act = async (verb: string, component: string): Promise<void> => {
    const { id } = await findContainer(name, component);
    await docker([verb, id]);
  };

  return {
    directory: folder.root,
    async up(options = {}) {
      const given = {
        '--engine': options.engine,
        '--replication': options.replication,
        '--coordination': options.coordination,
        '--coordinators': options.coordinators,
        '--database-engine': options.databaseEngine,
        '--storage-endpoint': options.storageEndpoint,
      };
      const [option] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
      if (option !== undefined) {
        throw new PlatformStateError(
          `${option} is for processes of this machine: expected --runtime native with it, found docker.`,
        );
      }
      return dockerUp(place, options);
    },
    plan: (options, color) => dockerPlan(place, options, color),
    down: ({ purge = false, progress = silent } = {}) => dockerDown(place, { purge, progress }),
    status: () => containerStatus(name, components),
    async leftOut() {
      const plan = await readContainerPlan(folder);
      return plan === undefined ? {} : leftOut(components, plan);
    },
    async logCommand(component, { lines, follow }) {
      const { id } = await findContainer(name, component);
      return ['docker', 'logs', '--tail', String(lines), ...(follow ? ['--follow'] : []), id];
    },
    async start(component) {
      await act('start', component);
      await untilHealthy(name, component);
    },
    stop: (component) => act('stop', component),
    kill: (component) => act('kill', component),
    async freeze(component) {
      await pauseContainer((await findContainer(name, component)).id);
    },
    async thaw(component) {
      const { state } = await findContainer(name, component);
      if (state === 'paused') await act('unpause', component);
    },
    async restart(component) {
      await act('restart', component);
      await untilHealthy(name, component);
    },
    async restartAll(progress) {
      if (!(await hasContainerPlan(folder))) return readDeployment(folder.deploymentFile);
      const before = new Map(
        (await containersOf(name)).map(({ component, id }) => [component, id]),
      );
      // What has other secrets now is made again by it, as are the jobs that bring them into databases.
      await dockerUp(place, { ...(progress && { progress }) });
      const same = (await containersOf(name)).filter(
        ({ job, component, id }) => !job && before.get(component) === id,
      );
      await Promise.all(
        same.map(async ({ component }) => {
          const begin = performance.now();
          progress?.waiting(component);
          await this.restart(component);
          progress?.ready(component, (performance.now() - begin) / 1000);
        }),
      );
      return readDeployment(folder.deploymentFile);
    },
  };
}
