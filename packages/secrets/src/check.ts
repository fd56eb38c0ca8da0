import { fieldEntries } from './fields.ts';
import { secretsSchema } from './schema.ts';
import type { Problem } from './secrets-error.ts';

/** A secrets file's content as it was found: any fields, any values. */
export type SecretValues = Readonly<Record<string, string>>;

const SECRET_KINDS = ['password', 'fernet-key', 'signing-key', 'telegram-token'];

const secretFields = fieldEntries
  .filter(([, field]) => SECRET_KINDS.includes(field.kind))
  .map(([name]) => name);

function fieldProblems(values: SecretValues): readonly Problem[] {
  const issues = secretsSchema.safeParse(values).error?.issues ?? [];
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((field) => ({ field, problem: 'unknown field' }))
      : [{ field: issue.path.join('.'), problem: issue.message }],
  );
}

function repeatedValues(values: SecretValues): readonly Problem[] {
  const firstWith = new Map<string, string>();
  return secretFields.flatMap((field) => {
    const value = values[field];
    if (value === undefined) return [];
    const first = firstWith.get(value);
    if (first !== undefined) return [{ field, problem: `the same value as ${first}` }];
    firstWith.set(value, field);
    return [];
  });
}

function sharedNames(values: SecretValues): readonly Problem[] {
  const reader = values['bi_user_name'];
  return reader !== undefined && reader === values['super_user_name']
    ? [{ field: 'bi_user_name', problem: 'the same name as super_user_name' }]
    : [];
}

/** Everything that is wrong with the content of a secrets file, by field. Never holds a value. */
export const contentProblems = (values: SecretValues): readonly Problem[] => [
  ...fieldProblems(values),
  ...repeatedValues(values),
  ...sharedNames(values),
];
