import type { ComponentDescriptor } from '../components/descriptor.ts';
import { partsOf } from './components.ts';
import type { ContainerPlan } from './container-plan.ts';

type Served = Omit<ContainerPlan, 'ports'>;

/**
 * Why containers as they are wanted cannot serve what is in volumes, as the end of a sentence that begins
 * with the data; nothing where they can.
 */
export function whyNotServed(
  descriptors: readonly ComponentDescriptor[],
  before: Served,
  wanted: Served,
): string | undefined {
  const [was, is] = [describeShape(before), describeShape(wanted)];
  if (was !== is) return `is of ${was}, not ${is}.`;
  // A node does not start when its tables' parts are on a disk that its policy has not.
  if ((before.storage === 's3_ssd') !== (wanted.storage === 's3_ssd')) {
    return `is kept as ${before.storage}, where nodes do not find it as ${wanted.storage}.`;
  }
  const kept = partsOf(descriptors, before).filter((part) => part.keepsData && part.isPart(wanted));
  const swapped = kept
    .flatMap(({ images }) => images)
    .filter((image) => isStandIn(before, image) !== isStandIn(wanted, image));
  if (swapped.length === 0) return undefined;
  const [first = ''] = swapped;
  const [had, has] = isStandIn(before, first)
    ? ['stand-ins', 'official images']
    : ['official images', 'stand-ins'];
  return `was written by ${had} of ${swapped.join(', ')}, not ${has}. Start it with the same images: the registry, or what \`npx nx run tools:images\` built, may be out of reach for the moment.`;
}

const describeShape = ({ shards, replicas, engine, replication }: Served): string =>
  `${shards} × ${replicas} nodes of the engine ${engine} with ` +
  (replication === 'keeper' ? 'tables that replicate' : 'distributed writes');

const isStandIn = ({ standIns }: Served, service: string): boolean =>
  standIns[service] !== undefined;
