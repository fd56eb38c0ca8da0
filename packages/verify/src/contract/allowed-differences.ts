import { z } from 'zod';

/** The kinds of things that nodes are compared by. */
export const THING_KINDS = [
  'database',
  'table',
  'view',
  'materialized-view',
  'dictionary',
  'function',
  'user',
  'role',
  'grant',
  'row-policy',
  'quota',
  'settings-profile',
  'named-collection',
  'storage-policy',
  'disk',
  'workload',
  'resource',
  'server-setting',
  'merge-tree-setting',
  'setting',
  'unreplicated-table',
] as const;

export type ThingKind = (typeof THING_KINDS)[number];

const LITERAL = /[.+?^${}()|[\]\\]/g;

/** Whether a name fits a pattern, in which `*` stands for any characters. */
function fits(pattern: string, name: string): boolean {
  const expression = pattern
    .split('*')
    .map((part) => part.replaceAll(LITERAL, String.raw`\$&`))
    .join('.*');
  return new RegExp(`^${expression}$`, 's').test(name);
}

/** What may differ between nodes, and why. */
export const allowedDifferencesSchema = z.array(
  z.strictObject({
    /** A pattern of kinds, such as `table` or `*-setting`. */
    kind: z.string().refine((pattern) => THING_KINDS.some((kind) => fits(pattern, kind)), {
      error: `expected one of the kinds ${THING_KINDS.join(', ')}, or a pattern with * of them`,
    }),
    name: z
      .string()
      .min(1)
      .describe('A pattern of names; those of tables begin with their database.'),
    reason: z.string().trim().min(1),
  }),
);

export type AllowedDifferences = z.infer<typeof allowedDifferencesSchema>;

/** The reason for which a thing may differ, of the first entry that is about it; undefined if it may not. */
export const reasonToDiffer = (
  allowed: AllowedDifferences,
  kind: ThingKind,
  name: string,
): string | undefined =>
  allowed.find((entry) => fits(entry.kind, kind) && fits(entry.name, name))?.reason;
