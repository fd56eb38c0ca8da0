import { OFFICIAL_IMAGES } from '@provehouse/infra';
import { ClusterOptionError } from './cluster-options.ts';

/** The images that are used unless others are asked for. */
export const DEFAULT_IMAGES = {
  clickhouse: OFFICIAL_IMAGES.clickhouse,
  keeper: OFFICIAL_IMAGES.keeper,
  /** Has a shell and iproute2. */
  sidecar: 'nicolaka/netshoot:v0.13',
} as const;

/** What an image's labels say of the ClickHouse in it. */
export interface ImageTraits {
  /** Whether it can use Keepers: tables that replicate themselves, `ON CLUSTER`. */
  readonly coordination: boolean;
  /** Whether it has what a network cut needs: a shell and iproute2. */
  readonly canCutNetwork: boolean;
}

/** The traits that an image's labels tell; without labels those of the official image. */
export function imageTraits(labels: Readonly<Record<string, string>>): ImageTraits {
  return {
    coordination: labels['org.provehouse.replication'] !== 'distributed-writes',
    canCutNetwork: labels['org.provehouse.stand-in'] !== undefined,
  };
}

/**
 * How many Keepers a cluster gets.
 * @throws ClusterOptionError when Keepers were asked for and the image cannot use them
 */
export function keepersFor(
  image: string,
  { coordination }: ImageTraits,
  asked: number | undefined,
): number {
  if (coordination) return asked ?? 3;
  if (asked !== undefined && asked > 0) {
    throw new ClusterOptionError(
      'withKeepers',
      asked,
      `0, for ${image} is a stand-in whose label org.provehouse.replication says that a Distributed ` +
        'table writes to every replica, and that nothing in it can talk to a Keeper',
    );
  }
  return 0;
}
