import { expect, test } from 'vitest';
import { readContractSchema, renderContractSchema } from './contract-schema.ts';

test('the JSON Schema of the contract is that of what reads contracts', async () => {
  expect(await readContractSchema()).toBe(await renderContractSchema());
});
