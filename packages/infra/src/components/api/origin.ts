import { z } from 'zod';
import { readStateFile, writeStateFile } from '../../state/state-file.ts';

/** What the products are a function of; the server reads it (`etl_dags.products_api`). */
export const originSchema = z.strictObject({
  seed: z.int().min(0),
  /** The first hour that has products, in hours since 1970. */
  begin_hour: z.int().min(0),
  products_per_hour: z.int().min(1),
});

export type ProductsOrigin = z.infer<typeof originSchema>;

const HOUR_MS = 3_600_000;
/** How far the history of a new platform goes back. */
const HISTORY_HOURS = 48;

/** The origin of the products of a platform that is made now. */
export const newOrigin = (now: Date): ProductsOrigin => ({
  ...{ seed: 16, begin_hour: Math.floor(now.getTime() / HOUR_MS) - HISTORY_HOURS },
  products_per_hour: 100,
});

/** Makes the origin of a new platform's products; one that is there stays. @throws PlatformStateError for one that is not whole */
export async function keepOrigin(file: string, now: Date): Promise<void> {
  if ((await readOrigin(file)) !== undefined) return;
  await writeStateFile(file, newOrigin(now));
}

/** The origin in a file, if there is one. @throws PlatformStateError for one that is not whole */
export const readOrigin = (file: string): Promise<ProductsOrigin | undefined> =>
  readStateFile({
    ...{ path: file, schema: originSchema },
    remedy: 'The products of before are lost with it: take them away with infra:down --purge.',
  });
