import { z } from 'zod';
import { readStateFile, writeStateFile } from '../../state/state-file.ts';

/** What the products are a function of; the server reads it (`etl_dags.products_api`). */
const originSchema = z.strictObject({
  seed: z.int().min(0),
  /** The first hour that has products, in hours since 1970. */
  begin_hour: z.int().min(0),
  products_per_hour: z.int().min(1),
});

const HOUR_MS = 3_600_000;
/** How far the history of a new platform goes back. */
const HISTORY_HOURS = 48;

/** Makes the origin of a new platform's products; one that is there stays. @throws PlatformStateError for one that is not whole */
export async function keepOrigin(file: string, now: Date): Promise<void> {
  const remedy = 'The products of before are lost with it: take them away with infra:down --purge.';
  const kept = await readStateFile({ path: file, schema: originSchema, remedy });
  if (kept !== undefined) return;
  const begin_hour = Math.floor(now.getTime() / HOUR_MS) - HISTORY_HOURS;
  await writeStateFile(file, originSchema.parse({ seed: 16, begin_hour, products_per_hour: 100 }));
}
