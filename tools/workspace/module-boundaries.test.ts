import { expect, it } from 'vitest';
import { run } from './nx.ts';
import { copySkeleton, place } from './skeleton.ts';

const importing = (project: string): string =>
  `import { fact } from '@provehouse/${project}';\n\nexport const copy = fact;\n`;

const lint = (folder: string, ...projects: string[]) =>
  run(folder, 'nx', 'run-many', '-t', 'lint', '-p', projects.join(','), '--outputStyle=static');

/** The packages with only these imports between them, so that no cycle hides what the rule says. */
function workspaceWith(imports: Readonly<Record<string, string>>): string {
  const folder = copySkeleton();
  for (const project of ['secrets', 'infra', 'clickhouse-cluster', 'verify']) {
    const manifest = { name: `@provehouse/${project}`, exports: './src/index.ts' };
    place(folder, `packages/${project}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
    place(folder, `packages/${project}/src/index.ts`, 'export const fact = true;\n');
  }
  for (const [project, imported] of Object.entries(imports)) {
    place(folder, `packages/${project}/src/copy.ts`, importing(imported));
  }
  return folder;
}

it('lets each package use the one below it', () => {
  const { status, printed } = lint(
    workspaceWith({
      verify: 'clickhouse-cluster',
      'clickhouse-cluster': 'infra',
      infra: 'secrets',
    }),
    'verify',
    'clickhouse-cluster',
    'infra',
  );
  expect(printed).not.toContain('rule will be skipped');
  expect(status, printed).toBe(0);
});

it.each([
  ['secrets', 'infra'],
  ['secrets', 'verify'],
  ['infra', 'verify'],
  ['infra', 'clickhouse-cluster'],
  ['clickhouse-cluster', 'verify'],
])('fails when %s uses %s, which is above it', (project, imported) => {
  const { status, printed } = lint(workspaceWith({ [project]: imported }), project);
  expect(status).toBe(1);
  expect(printed).toContain(`packages/${project}/src/copy.ts`);
  expect(printed.match(/@nx\/enforce-module-boundaries/g)).toHaveLength(1);
  expect(printed).toContain(`- ${project}:lint`);
});
