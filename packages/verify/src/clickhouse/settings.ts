import { z } from 'zod';
import { quoteText } from '@provehouse/infra/clickhouse';
import type { NodeClient } from './cluster.ts';
import { onceInCheck } from './running-check.ts';

/** Settings of queries with their values as text, such as `{ max_threads: '1' }`. */
export type Settings = Readonly<Record<string, string>>;

/** What a node makes of settings that are wanted. */
export interface SettingsAnswer {
  /** Those that the account may set. */
  readonly settable: Settings;
  /** Of these the ones that have another value now. */
  readonly different: Settings;
  /** Names of those that have another value, and that the account may not set. */
  readonly refused: readonly string[];
  /** Names of those that a server of its version does not have. */
  readonly unknown: readonly string[];
}

const settingRow = z.looseObject({
  name: z.string(),
  value: z.string(),
  /** Whether the account may not set it; old versions do not show it. */
  readonly: z.coerce.number().optional(),
});

/** The value of the setting `readonly` with which an account may set nothing at all. */
const NOTHING_CHANGES = '1';

/**
 * Asks a node which of the wanted settings it has, and which of them the account may set. It sets
 * nothing itself, as accounts with `readonly = 1` must not.
 * `system.settings`: https://clickhouse.com/docs/operations/system-tables/settings
 * @throws QueryError
 */
export async function askSettings(
  { query }: Pick<NodeClient, 'query'>,
  wanted: Settings,
): Promise<SettingsAnswer> {
  const names = ['readonly', ...Object.keys(wanted)].map(quoteText).join(', ');
  const sql = `SELECT * FROM system.settings WHERE name IN (${names})`;
  const found = await onceInCheck({ query }, sql, () => query(sql, settingRow));
  const known = new Map(found.map((setting) => [setting.name, setting]));
  const fixed = known.get('readonly')?.value === NOTHING_CHANGES;
  const present = Object.entries(wanted).flatMap(([name, value]) => {
    const setting = known.get(name);
    if (setting === undefined) return [];
    const locked = fixed || setting.readonly === 1;
    return [
      { name, value, locked, differs: setting.value !== value && !isStricter(setting, value) },
    ];
  });
  const chosen = (some: readonly (typeof present)[number][]): Settings =>
    Object.fromEntries(some.map(({ name, value }) => [name, value]));
  const settable = present.filter(({ locked }) => !locked);
  return {
    settable: chosen(settable),
    different: chosen(settable.filter(({ differs }) => differs)),
    refused: present.filter(({ locked, differs }) => locked && differs).map(({ name }) => name),
    unknown: Object.keys(wanted).filter((name) => !known.has(name)),
  };
}

/** Limits of load, of which 0 stands for none. */
const LIMITS = ['max_threads', 'max_execution_time', 'max_memory_usage', 'max_bytes_to_read'];

/** Whether a limit is lower already than it is wanted: it is never raised. */
const isStricter = (
  { name, value }: { readonly name: string; readonly value: string },
  wanted: string,
): boolean => LIMITS.includes(name) && Number(value) > 0 && Number(value) < Number(wanted);

/** A SETTINGS clause, or nothing without settings. */
export function settingsClause(settings: Settings): string {
  const assignments = Object.entries(settings).map(
    ([name, value]) => `${name} = ${literal(value)}`,
  );
  return assignments.length === 0 ? '' : `SETTINGS ${assignments.join(', ')}`;
}

const literal = (value: string): string => (/^\d+$/.test(value) ? value : quoteText(value));
