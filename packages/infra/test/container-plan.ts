import type { ContainerShape } from '../src/components/container-side.ts';
import { COMPONENTS } from '../src/components/index.ts';
import { publishedPorts } from '../src/docker/components.ts';
import type { ContainerPlan } from '../src/docker/container-plan.ts';

/** The plan of the usual platform of containers, with ports by convention, but for what is changed. */
export const containerPlan = (changes: Partial<ContainerPlan> = {}): ContainerPlan => {
  const shape: ContainerShape = {
    ...{ shards: 2, replicas: 2, keepers: 3, airflow: true, storage: 'local_ssd', consumers: [] },
    modules: [],
    ...changes,
  };
  const requests = publishedPorts(COMPONENTS, shape);
  return {
    ...{ ...shape, workers: 1, dagsFolder: '/dags' },
    ...{ engine: 'server', replication: 'keeper', images: {}, chosenImages: {}, standIns: {} },
    ports: Object.fromEntries(requests.map(({ name, preferred }) => [name, preferred])),
    ...changes,
  };
};
