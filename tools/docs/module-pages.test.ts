import { expect, test } from 'vitest';
import { blocksOf, moduleFolders, readModulePage, renderModulePage } from './module-pages.ts';

test('every module has a page with the inputs and outputs that it has', async () => {
  const folders = await moduleFolders();
  expect(folders.length).toBeGreaterThan(5);
  for (const folder of folders) {
    expect(await readModulePage(folder), folder).toBe(await renderModulePage(folder));
  }
});

test('types and defaults of several lines are read whole, and what is nested is not taken for them', () => {
  const text = `variable "health" {
  description = "How often it is asked."
  type = object({
    test    = list(string)
    default = optional(number, 10)
  })
  default = null

  validation {
    condition     = var.health != 1
    error_message = "no"
  }
}

variable "name" {
  description = "Its \\"name\\"."
  type        = string
}
`;
  expect(blocksOf('variable', text)).toEqual([
    {
      name: 'health',
      description: 'How often it is asked.',
      type: 'object({ test = list(string), default = optional(number, 10) })',
      default: 'null',
    },
    { name: 'name', description: 'Its "name".', type: 'string' },
  ]);
});
