import { expect, test } from 'vitest';
import { referenceOf } from './build-image.ts';
import {
  airflowRecipe,
  kafkaRecipe,
  keeperRecipe,
  STAND_INS,
  standInRecipe,
  supersetRecipe,
} from './image-set.ts';

test.each(['clickhouse', 'postgres', 'redis'] as const)(
  'the stand-in of %s says in a label what it is',
  async (name) => {
    const { labels } = await standInRecipe(name, 'base');
    expect(labels['org.provehouse.stand-in']).toBe(STAND_INS[name]);
  },
);

test("the nodes' stand-in says that it replicates, by what is known of its engine", async () => {
  const { labels } = await standInRecipe('clickhouse', 'base');
  expect(labels['org.provehouse.engine']).toBe('chdb');
  expect(labels['org.provehouse.replication']).toBe('keeper');
});

test.each([
  ['keeper', (jars: string, base: string) => keeperRecipe(jars, base, '/cache/agent.jar')],
  ['kafka', kafkaRecipe],
] as const)(
  'the stand-in of %s says in a label what it is, and changes with its jars',
  async (name, recipeOf) => {
    const recipe = await recipeOf('/cache/jars-a', 'base');
    expect(recipe.labels['org.provehouse.stand-in']).toBe(STAND_INS[name]);
    const other = await recipeOf('/cache/jars-b', 'base');
    expect(await referenceOf(other)).not.toBe(await referenceOf(recipe));
    const elsewhere = await recipeOf('/home/cache/jars-a', 'base');
    expect(await referenceOf(elsewhere)).toBe(await referenceOf(recipe));
  },
);

test.each([
  ['Airflow', airflowRecipe],
  ['Superset', supersetRecipe],
] as const)(
  'the image of %s is no stand-in, and changes with its packages and its base',
  async (name, recipeOf) => {
    const packages = { folder: '/packages', fingerprint: 'a' };
    const recipe = recipeOf(packages, 'base');
    expect(recipe.labels).toEqual({});
    const reference = await referenceOf(recipe);
    expect(reference).toMatch(/^provehouse\/\w+:[0-9a-f]{12}$/);
    expect(reference).toContain(name.toLowerCase());
    const other = recipeOf({ ...packages, fingerprint: 'b' }, 'base');
    expect(await referenceOf(other)).not.toBe(reference);
    expect(await referenceOf(recipeOf(packages, 'another'))).not.toBe(reference);
  },
);
