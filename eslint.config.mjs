import eslint from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Dependencies point one way: cli → verify → clickhouse-cluster → infra → secrets; etl-dags stands alone. */
const boundaries = [
  { sourceTag: 'scope:secrets', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'scope:infra', onlyDependOnLibsWithTags: ['scope:secrets'] },
  {
    sourceTag: 'scope:clickhouse-cluster',
    onlyDependOnLibsWithTags: ['scope:infra', 'scope:secrets'],
  },
  { sourceTag: 'scope:etl-dags', onlyDependOnLibsWithTags: [] },
  {
    sourceTag: 'scope:verify',
    onlyDependOnLibsWithTags: ['scope:clickhouse-cluster', 'scope:infra', 'scope:secrets'],
  },
  {
    sourceTag: 'scope:cli',
    onlyDependOnLibsWithTags: ['scope:verify', 'scope:infra', 'scope:secrets'],
  },
  { sourceTag: 'scope:tools', onlyDependOnLibsWithTags: ['*'] },
];

/** What folders of packages/infra/src must know nothing of; `components` is where both runtimes meet. */
const strangers = [
  { folder: 'native', others: ['docker', 'cli'] },
  { folder: 'docker', others: ['native', 'cli'] },
  {
    folder: '{airflow,clickhouse,services,state,system}',
    others: ['native', 'docker', 'components', 'cli'],
  },
];

export default tseslint.config(
  { ignores: ['**/node_modules', '**/.venv', '**/.provehouse', '**/.nx', '**/allure-*'] },
  eslint.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', { depConstraints: boundaries }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // Leaving a property out by destructuring, and holding something until the end of a block with
      // `using`, take a name that nothing reads.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { ignoreRestSiblings: true, ignoreUsingDeclarations: true },
      ],
      // The compiler checks that names exist; this rule does not know Node's globals.
      'no-undef': 'off',
    },
  },
  ...strangers.map(({ folder, others }) => ({
    files: [`packages/infra/src/${folder}/**/*.ts`],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: others.map((other) => `**/${other}/**`),
              message: `${folder} must know nothing of ${others.join(', ')}: docs/architecture.md.`,
            },
          ],
        },
      ],
    },
  })),
  {
    files: ['**/*.test.ts', '**/test/**/*.ts'],
    rules: {
      // In a test a wrong assumption fails the test, which is what an assertion is for.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
