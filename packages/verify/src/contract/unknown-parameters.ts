import { parameterName } from './parameters.ts';
import { isRecord, listOf, type RawTable } from './raw-contract.ts';
import type { Problem } from './schema-problems.ts';

/** What a run gives that every contract may name: how many rows it was asked for, and its day. */
const OF_EVERY_RUN = ['rows', 'as_of'];
const RULE_FIELDS = ['from', 'to', 'min', 'max', 'until'] as const;

/**
 * The parameters that a contract may name: facts of every run, those that its pipeline returns or is
 * triggered with, and those `given` as options.
 */
export function knownParameters(contract: unknown, given: readonly string[]): ReadonlySet<string> {
  const pipeline = isRecord(contract) && isRecord(contract['pipeline']) ? contract['pipeline'] : {};
  const { statistics, conf, parameters } = pipeline;
  const texts = (values: readonly unknown[]): string[] =>
    values.filter((value) => typeof value === 'string');
  return new Set([
    ...OF_EVERY_RUN,
    ...(isRecord(statistics) ? texts(Object.values(statistics)) : []),
    ...(isRecord(conf) ? Object.keys(conf) : []),
    ...texts(listOf(parameters)),
    ...given,
  ]);
}

/** Parameters that rules and numbers of rows name and that nothing gives. */
export const unknownParameters = (
  tables: readonly RawTable[],
  known: ReadonlySet<string>,
): Problem[] =>
  tables.flatMap((table) => {
    const place = ['tables', table.index];
    const { rows } = table.fields;
    const named = [
      { path: [...place, 'rows'], value: rows },
      ...(isRecord(rows) ? fieldsOf(rows, ['min', 'max'], [...place, 'rows']) : []),
      ...[...table.rules].flatMap(([index, rule]) =>
        fieldsOf(rule, RULE_FIELDS, [...place, 'rules', index]),
      ),
    ];
    return named.flatMap(({ path, value }) => {
      const name = parameterName(value);
      if (name === undefined || known.has(name)) return [];
      const message = `neither a run nor an option gives $${name}; known: ${[...known].map((other) => `$${other}`).join(', ')}. Further fields of the run are named in pipeline.parameters, further options are --parameter ${name}=…`;
      return [{ path, message }];
    });
  });

const fieldsOf = (
  value: object,
  fields: readonly string[],
  place: readonly PropertyKey[],
): { readonly path: readonly PropertyKey[]; readonly value: unknown }[] =>
  fields.map((field) => ({ path: [...place, field], value: Reflect.get(value, field) }));
