import { readFile } from 'node:fs/promises';
import { deploymentSchema } from '@provehouse/infra';
import { expect, test } from 'vitest';
import { z } from 'zod';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** Every field of a schema, such as `clickhouse.nodes[].host`. */
const fieldsOf = ({ properties = {}, items }: Schema, path = ''): string[] => [
  ...Object.entries(properties).flatMap(([name, schema]) => {
    const field = path === '' ? name : `${path}.${name}`;
    return [field, ...fieldsOf(schema, field)];
  }),
  ...(items === undefined ? [] : fieldsOf(items, `${path}[]`)),
];

/** Every field in the first column of a table, of which `.replica` means one beside the last. */
const fieldsIn = (page: string): string[] =>
  [...page.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = '']) => {
    const [first = '', ...others] = [...cell.matchAll(/`([^`]+)`/g)].map(([, field = '']) => field);
    const folder = first.slice(0, first.lastIndexOf('.'));
    return [first, ...others.map((one) => (one.startsWith('.') ? folder + one : one))];
  });

test('the page of the deployment file has every field, and no other', async () => {
  const page = await readFile(new URL('../../docs/deployment.md', import.meta.url), 'utf8');
  const schema = z.toJSONSchema(deploymentSchema, { io: 'input' }) as Schema;
  // Groups of which a table has the members alone.
  const groups = ['clickhouse.users'];
  const fields = fieldsOf(schema).filter((field) => !groups.includes(field));
  expect(fieldsIn(page).toSorted()).toEqual(fields.toSorted());
});
