import { ruleSubject } from '../rules/index.ts';
import { neverWarns } from '../rules/thresholds.ts';
import { isMeant } from './contract.ts';
import { isRecord, listOf, rawTables, type RawTable } from './raw-contract.ts';
import type { Problem } from './schema-problems.ts';
import { unknownColumns } from './unknown-columns.ts';
import { knownParameters, unknownParameters } from './unknown-parameters.ts';

/** What is known beside the contract, when it is read. */
export interface Surroundings {
  /** Names of the parameters that options give. */
  readonly parameters?: readonly string[];
  /** Names of the checks there are; not known to those who only read tables. */
  readonly checks?: readonly string[];
}

/**
 * What is wrong with a contract although each field is as its schema says; the fields that are not are
 * left out.
 */
export function contradictions(contract: unknown, surroundings: Surroundings = {}): Problem[] {
  const tables = rawTables(contract);
  return [
    ...repeatedTables(tables),
    ...missingTables(tables),
    ...unknownColumns(tables),
    ...unknownParameters(tables, knownParameters(contract, surroundings.parameters ?? [])),
    ...tables.flatMap(thresholds),
    ...tables.flatMap(halfComparedViews),
    ...missingTasks(contract),
    ...waivedNothing(contract, tables, surroundings.checks),
  ];
}

const repeatedTables = (tables: readonly RawTable[]): Problem[] =>
  tables
    .filter(({ name, database }, index) =>
      tables
        .slice(0, index)
        .some((other) => name !== undefined && other.name === name && other.database === database),
    )
    .map(({ index, name }) => ({
      path: ['tables', index, 'name'],
      message: `there is a table ${name} above already`,
    }));

function missingTables(tables: readonly RawTable[]): Problem[] {
  const locals = tables.flatMap(({ kind, name, database }) =>
    (kind === 'local' || kind === 'table') && name !== undefined ? [{ name, database }] : [],
  );
  return tables.flatMap(({ index, kind, fields }) => {
    const { over } = fields;
    if (kind !== 'distributed' || typeof over !== 'string') return [];
    if (locals.some((local) => isMeant(over, local))) return [];
    const names = locals.map(({ name }) => name).join(', ') || 'none';
    return [
      { path: ['tables', index, 'over'], message: `expected one of the local tables (${names})` },
    ];
  });
}

const thresholds = ({ index, rules }: RawTable): Problem[] =>
  [...rules]
    .filter(([, rule]) => neverWarns(rule))
    .map(([place, { warn, fail }]) => ({
      path: ['tables', index, 'rules', place, 'warn'],
      message: `${warn} is above fail, ${fail}`,
    }));

/** Materialized views of which it is not said all that a comparison with the source needs. */
function halfComparedViews({ index, kind, fields }: RawTable): Problem[] {
  if (kind !== 'materialized-view') return [];
  const needs = (field: string, ...others: readonly string[]): Problem[] =>
    fields[field] === undefined
      ? []
      : others
          .filter((other) => fields[other] === undefined)
          .map((other) => ({
            path: ['tables', index, field],
            message: `${field} needs ${other} as well`,
          }));
  return [
    ...needs('bucket', 'to', 'select'),
    ...needs('where', 'bucket'),
    ...needs('aggregates', 'bucket'),
  ];
}

function missingTasks(contract: unknown): Problem[] {
  const pipeline = isRecord(contract) ? contract['pipeline'] : undefined;
  const tasks = isRecord(pipeline) && isRecord(pipeline['tasks']) ? pipeline['tasks'] : {};
  return Object.entries(tasks).flatMap(([task, before]) =>
    listOf(before).flatMap((name, index) =>
      typeof name !== 'string' || Object.hasOwn(tasks, name)
        ? []
        : [{ path: ['pipeline', 'tasks', task, index], message: `there is no task ${name}` }],
    ),
  );
}

/** Waivers of checks and rules that do not exist, such as misspelt ones. */
function waivedNothing(
  contract: unknown,
  tables: readonly RawTable[],
  checks: readonly string[] | undefined,
): Problem[] {
  const subjects = tables.flatMap(({ name = '', rules }) =>
    [...rules.values()].map((rule) => ruleSubject(name, rule)),
  );
  return listOf(isRecord(contract) ? contract['waivers'] : undefined).flatMap((waiver, index) => {
    if (!isRecord(waiver)) return [];
    const { check, rule } = waiver;
    const place = ['waivers', index];
    return [
      ...(typeof check === 'string' && checks !== undefined && !checks.includes(check)
        ? [{ path: [...place, 'check'], message: `there is no check ${check}` }]
        : []),
      ...(typeof rule === 'string' && !subjects.includes(rule)
        ? [
            {
              path: [...place, 'rule'],
              message: `there is no rule ${rule} (${subjects.join('; ') || 'none'})`,
            },
          ]
        : []),
    ];
  });
}
