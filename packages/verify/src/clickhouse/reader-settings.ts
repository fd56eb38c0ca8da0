import { z } from 'zod';
import { quoteText } from '@provehouse/infra/clickhouse';
import type { NodeClient } from './cluster.ts';

/** What an account is confined by, as it sees it itself. */
export interface Confinement {
  /** 0: nothing; 1: reads alone; 2: reads, and settings may be changed. */
  readonly readonly: number;
  readonly allowDdl: boolean;
  readonly settings: readonly Setting[];
}

const settingRow = z.looseObject({
  name: z.string(),
  value: z.string(),
  changed: z.coerce.number(),
  /** Whether the account may not change it; absent in old versions. */
  readonly: z.coerce.number().optional(),
  /** Its constraint. */
  max: z.string().nullable().optional(),
});
type Setting = z.infer<typeof settingRow>;

/** Settings that take rows away from whoever reads. */
const FILTERS = ['additional_table_filters', 'additional_result_filter'];
/** Settings that bound what a query may take. */
const LIMITS = [
  'max_execution_time',
  'max_memory_usage',
  'max_memory_usage_for_user',
  'max_rows_to_read',
  'max_bytes_to_read',
  'max_result_rows',
  'max_result_bytes',
  'max_rows_to_group_by',
];
/** How queries end at a limit: each mode with the limits that it is about. */
const MODES: Readonly<Record<string, readonly string[]>> = {
  read_overflow_mode: ['max_rows_to_read', 'max_bytes_to_read'],
  read_overflow_mode_leaf: ['max_rows_to_read_leaf', 'max_bytes_to_read_leaf'],
  timeout_overflow_mode: ['max_execution_time'],
  timeout_overflow_mode_leaf: ['max_execution_time_leaf'],
  group_by_overflow_mode: ['max_rows_to_group_by'],
  sort_overflow_mode: ['max_rows_to_sort', 'max_bytes_to_sort'],
  result_overflow_mode: ['max_result_rows', 'max_result_bytes'],
  set_overflow_mode: ['max_rows_in_set', 'max_bytes_in_set'],
  join_overflow_mode: ['max_rows_in_join', 'max_bytes_in_join'],
  transfer_overflow_mode: ['max_rows_to_transfer', 'max_bytes_to_transfer'],
  distinct_overflow_mode: ['max_rows_in_distinct', 'max_bytes_in_distinct'],
};
const NAMES = [
  ...['readonly', 'allow_ddl', 'limit', 'offset', 'skip_unavailable_shards'],
  ...FILTERS,
  ...LIMITS,
  ...Object.entries(MODES).flat(2),
];

/**
 * Asks for an account's settings in its own session, without changing any.
 * `system.settings`: https://clickhouse.com/docs/operations/system-tables/settings
 * @throws QueryError
 */
export async function askConfinement(account: NodeClient): Promise<Confinement> {
  const names = NAMES.map(quoteText).join(', ');
  const settings = await account.query(
    `SELECT * FROM system.settings WHERE name IN (${names})`,
    settingRow,
  );
  const valueOf = (name: string): string | undefined =>
    settings.find((setting) => setting.name === name)?.value;
  return {
    readonly: Number(valueOf('readonly') ?? 0),
    allowDdl: valueOf('allow_ddl') !== '0',
    settings,
  };
}

/**
 * What is set for an account and what it can undo, as `name = value`: filters that keep rows from it,
 * and limits. Old servers do not show what may be changed: there it is not known.
 */
export function removableLimits({ settings }: Confinement): {
  readonly forbidding: readonly string[];
  readonly limiting: readonly string[];
} {
  const removable = (names: readonly string[]): string[] =>
    settings
      .filter(
        ({ name, changed, value, readonly, max }) =>
          names.includes(name) && changed === 1 && isSet(value) && readonly === 0 && max == null,
      )
      .map(shown);
  return { forbidding: removable(FILTERS), limiting: removable(LIMITS) };
}

/** Settings that cut what an account gets without an error, as `name = value`. */
export function silentCuts({ settings }: Confinement): readonly string[] {
  const byName = new Map(settings.map((setting) => [setting.name, setting]));
  const set = (names: readonly string[]): Setting[] =>
    names.flatMap((name) => {
      const setting = byName.get(name);
      return setting !== undefined && isSet(setting.value) ? [setting] : [];
    });
  const cut = Object.entries(MODES).flatMap(([mode, limits]) => {
    const how = byName.get(mode);
    const limited = set(limits);
    return how === undefined || how.value === 'throw' || limited.length === 0
      ? []
      : [...limited, how];
  });
  return [...set(['limit', 'offset', 'skip_unavailable_shards', ...FILTERS]), ...cut].map(shown);
}

const isSet = (value: string): boolean => !['0', '', '{}'].includes(value);

const shown = ({ name, value }: Setting): string => `${name} = ${value}`;
