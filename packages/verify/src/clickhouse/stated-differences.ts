import type { LocalTable } from '../contract/contract.ts';
import { compare, type Difference, type FoundDefinition } from './definition-differences.ts';
import type { DefinitionParts } from './definition-parts.ts';

/** What a node says of the parts that a contract may state. */
export interface FoundParts extends Pick<FoundDefinition, 'primary_key' | 'sampling_key'> {
  readonly parts: DefinitionParts;
  /** The node's values of the settings that the contract names, for those that the table has not. */
  readonly serverSettings: ReadonlyMap<string, string>;
}

/** Keys and settings that are not as the contract says. */
export function keyAndSettingDifferences(
  { primaryKey, sampleBy, settings = {} }: LocalTable,
  found: FoundParts,
): Difference[] {
  return [
    ...(primaryKey === undefined ? [] : compare('PRIMARY KEY', primaryKey, found.primary_key)),
    ...(sampleBy === undefined ? [] : compare('SAMPLE BY', sampleBy, found.sampling_key)),
    ...Object.entries(settings).flatMap(([name, value]) =>
      compare(
        `setting ${name}`,
        typeof value === 'boolean' ? String(Number(value)) : String(value),
        found.parts.settings.get(name) ?? found.serverSettings.get(name) ?? 'unknown to the server',
      ),
    ),
  ];
}

/**
 * TTL, indices, constraints, projections, codecs and comments that are not as the contract says.
 * @param stated what the contract says, as the node writes it
 */
export function partDifferences(
  table: LocalTable,
  stated: DefinitionParts,
  found: DefinitionParts,
): Difference[] {
  const kinds = [
    ['index', 'indices'],
    ['constraint', 'constraints'],
    ['projection', 'projections'],
  ] as const;
  return [
    ...(table.ttl === undefined ? [] : compare('TTL', stated.ttl, found.ttl)),
    ...kinds.flatMap(([word, kind]) =>
      table[kind] === undefined ? [] : namedDifferences(word, stated[kind], found[kind]),
    ),
    ...(table.comment === undefined ? [] : compareTexts('comment', table.comment, found.comment)),
    ...Object.entries(table.columnProperties ?? {}).flatMap(([name, said]) => {
      const there = found.columns.get(name);
      const meant = stated.columns.get(name);
      // That a column is not there is a difference of its own.
      if (there === undefined || meant === undefined) return [];
      return [
        ...(said.codec === undefined
          ? []
          : compare(`codec of ${name}`, meant.codec, inGeneral(there.codec, meant.codec))),
        ...(said.ttl === undefined ? [] : compare(`TTL of ${name}`, meant.ttl, there.ttl)),
        ...(said.comment === undefined
          ? []
          : compareTexts(`comment on ${name}`, said.comment, there.comment)),
      ];
    }),
  ];
}

function namedDifferences(
  word: string,
  stated: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): Difference[] {
  const names = [...new Set([...stated.keys(), ...found.keys()])];
  return names.flatMap((name) =>
    compare(`${word} ${name}`, stated.get(name) ?? '', found.get(name) ?? ''),
  );
}

/** Servers add the parameters of codecs; where the contract gives none they do not matter. */
const inGeneral = (found: string, stated: string): string =>
  stated.includes('(') ? found : found.replaceAll(/\([^()]*\)/g, '');

const compareTexts = (part: string, expected: string, observed: string): Difference[] =>
  expected === observed
    ? []
    : [{ part, expected: expected || 'none', observed: observed || 'none' }];
