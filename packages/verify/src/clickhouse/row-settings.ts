import { QueryError } from '@provehouse/infra/clickhouse';
import type { NodeClient } from './cluster.ts';
import { askSettings, type Settings, type SettingsAnswer } from './settings.ts';

/** Settings without which a server may answer from what it has noted of rows instead of from rows. */
export const WITHOUT_PROJECTIONS: Settings = {
  optimize_use_projections: '0',
  // On 26.x rows by partition come from `_minmax_count_projection`, that is from the parts' own notes.
  optimize_use_implicit_projections: '0',
};

/**
 * Settings under which a SELECT reads rows, all of them, where it was asked to, and soon. Names are those of all
 * versions: a server is sent those that it has.
 * Settings: https://clickhouse.com/docs/operations/settings/settings
 */
const ROW_SETTINGS: Settings = {
  ...WITHOUT_PROJECTIONS,
  optimize_trivial_count_query: '0',
  optimize_trivial_approximate_count_query: '0',
  optimize_trivial_count_with_sparsity_filter: '0',
  // Caches give what was right once.
  use_query_cache: '0',
  use_query_condition_cache: '0',
  use_uncompressed_cache: '0',
  enable_filesystem_cache: '0',
  read_through_distributed_cache: '0',
  use_page_cache_for_disks_without_file_cache: '0',
  use_page_cache_for_local_disks: '0',
  use_page_cache_for_object_storage: '0',
  // A row that is in the wrong part, or whose index is wrong, is found by no index.
  use_partition_pruning: '0',
  use_primary_key: '0',
  use_skip_indexes: '0',
  use_statistics_for_part_pruning: '0',
  // A node that is asked for its rows gives those of no other replica.
  enable_parallel_replicas: '0',
  allow_experimental_parallel_reading_from_replicas: '0',
  automatic_parallel_replicas_mode: '0',
  // Nothing is left out in silence.
  skip_unavailable_shards: '0',
  optimize_skip_unused_shards: '0',
  limit: '0',
  offset: '0',
  read_overflow_mode: 'throw',
  read_overflow_mode_leaf: 'throw',
  timeout_overflow_mode: 'throw',
  timeout_overflow_mode_leaf: 'throw',
  group_by_overflow_mode: 'throw',
  sort_overflow_mode: 'throw',
  result_overflow_mode: 'throw',
  set_overflow_mode: 'throw',
  join_overflow_mode: 'throw',
  transfer_overflow_mode: 'throw',
  distinct_overflow_mode: 'throw',
  // Where rows are meant merged, the statement says so.
  final: '0',
  // To compile an expression takes longer than it saves in statements that are asked once.
  compile_expressions: '0',
  compile_aggregate_expressions: '0',
};

/** With these the question itself is not cut short. */
const WHOLE_ANSWER: Settings = Object.fromEntries(
  Object.entries(ROW_SETTINGS).filter(([name]) => /^(limit|offset|\w+_overflow_mode)$/.test(name)),
);

/** UNKNOWN_SETTING, READONLY, SETTING_CONSTRAINT_VIOLATION. */
const NOT_SETTABLE = ['115', '164', '452'];
/** DATABASE_ACCESS_DENIED, ACCESS_DENIED. */
const DENIED = ['291', '497'];

/**
 * Which of the settings for reading rows a node needs, and which its account may not set: all of them
 * where it may not even see them. `further` ones are asked for with them.
 * @throws QueryError when the node does not answer
 */
export async function askRowSettings(
  client: Pick<NodeClient, 'query'>,
  further: Settings = {},
): Promise<SettingsAnswer> {
  const wanted = { ...ROW_SETTINGS, ...further };
  const whole: Pick<NodeClient, 'query'> = {
    query: (sql, row, withinMs) => client.query(sql, row, withinMs, WHOLE_ANSWER),
  };
  try {
    const answer = await askSettings(whole, wanted);
    // Under these settings, which the server has just taken, they look as if they were its own.
    return { ...answer, different: { ...answer.different, ...WHOLE_ANSWER } };
  } catch (error) {
    if (!isAnswer(error, NOT_SETTABLE)) return allRefused(error);
  }
  return askSettings(client, wanted).catch(allRefused);
}

/** Nothing can be set of what the server does not show. @throws the error where it is another one */
function allRefused(error: unknown): SettingsAnswer {
  if (!isAnswer(error, DENIED)) throw error;
  return { settable: {}, different: {}, refused: Object.keys(ROW_SETTINGS), unknown: [] };
}

const isAnswer = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof QueryError && codes.includes(error.code ?? '');
