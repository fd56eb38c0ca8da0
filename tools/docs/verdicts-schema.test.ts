import { expect, test } from 'vitest';
import { z } from 'zod';
import { readWorkspaceFile } from './recipe-commands.ts';
import { readVerdictsSchema, renderVerdictsSchema } from './verdicts-schema.ts';

test('the JSON Schema of the verdicts is that of what reads them', async () => {
  expect(await readVerdictsSchema()).toBe(await renderVerdictsSchema());
});

test('a run that was recorded is as the JSON Schema says, and one without a status is not', async () => {
  const schema = z.fromJSONSchema(JSON.parse(await readVerdictsSchema()));
  const recorded = JSON.parse(await readWorkspaceFile('packages/verify/examples/verdicts.json'));
  expect(schema.safeParse(recorded).error).toBeUndefined();
  expect(schema.safeParse({ ...recorded, later: 'a field of a later version' }).success).toBe(true);
  const { status: _, ...without } = recorded;
  expect(schema.safeParse(without).success).toBe(false);
});
