import { resolve } from 'node:path';
import { readDeployment } from '../deployment.ts';
import { silent } from '../progress.ts';
import { PlatformStateError } from '../platform/state-error.ts';
import { stateFolder } from '../platform/state-folder.ts';
import type { Runtime } from '../runtime.ts';
import { containerStatus, untilHealthy } from './container-status.ts';
import { hasContainerPlan } from './container-plan.ts';
import { containersOf, findContainer } from './containers.ts';
import { dockerDown } from './docker-down.ts';
import { dockerPlan, dockerUp } from './docker-up.ts';
import { docker } from './engine.ts';

/** Platforms whose parts are containers, made by Terraform. @throws SecretsError for a name that cannot be a platform's */
export function dockerRuntime({
  home,
  name,
}: {
  readonly home: string;
  readonly name: string;
}): Runtime {
  const folder = stateFolder(resolve(home), name);
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
      };
      const [option] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
      if (option !== undefined) {
        throw new PlatformStateError(
          `${option} is for processes of this machine: expected --runtime native with it, found docker.`,
        );
      }
      return dockerUp(folder, name, options);
    },
    plan: (options, color) => dockerPlan(folder, name, options, color),
    down: ({ purge = false, progress = silent } = {}) =>
      dockerDown(folder, name, { purge, progress }),
    status: () => containerStatus(name),
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
    freeze: (component) => act('pause', component),
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
      await dockerUp(folder, name, { ...(progress && { progress }) });
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
