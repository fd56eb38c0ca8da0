import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** The rules of all alerts, and the tests of them beside it. */
export const ALERTS_FILE = join(import.meta.dirname, 'alerts.yml');

const rulesSchema = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string() })) })),
});

/** The names of all alerts. */
export async function alertNames(): Promise<string[]> {
  const { groups } = rulesSchema.parse(parse(await readFile(ALERTS_FILE, 'utf8')));
  return groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
}
