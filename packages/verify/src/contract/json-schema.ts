import { z } from 'zod';
import { version1Schema, version2Schema } from './versions.ts';

/** Keys at the top that hold anchors; they say nothing. */
const EXTENSIONS = { '^x-': {} };

/**
 * The contract as a JSON Schema (draft 2020-12), for editors to complete and check by. What one field
 * says against another is found by `readContract` alone.
 * @see https://zod.dev/json-schema
 */
export const contractJsonSchema = (): object => ({
  title: 'A contract of Provehouse',
  ...z.toJSONSchema(z.union([version2Schema, version1Schema]), {
    io: 'input',
    reused: 'ref',
    // JSON knows no bigint; it does know whole numbers of any size.
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      if (zodSchema._zod.def.type === 'bigint') jsonSchema.type = 'integer';
      if (zodSchema === version2Schema) jsonSchema.patternProperties = EXTENSIONS;
    },
  }),
});
