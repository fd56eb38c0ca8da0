import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterChecks, platformChecks, type Check } from '@provehouse/verify';

const workspace = join(import.meta.dirname, '../..');
const page = join(workspace, 'docs/checks.md');

/**
 * The page about the checks, made of what each check says of itself and of the names of its tests on
 * real clusters, so that it cannot promise what no test shows.
 */
export async function renderChecksPage(): Promise<string> {
  const cluster = await Promise.all(clusterChecks.map(section));
  const platform = await Promise.all(platformChecks.map(section));
  return `# Checks

Each check gives one verdict: *passed*, *warned*, *failed*, *skipped* (with the reason: the platform cannot do what the check needs) or *inconclusive* (the check could not run, or found nothing to judge). A verdict holds what was expected and what was observed, rows as evidence, the SQL that asks again, and the node. The worst of what a check judged is its verdict, and what it did not judge is said beside it; a run without any check is inconclusive.

A node that does not answer is one failure, of \`nodes-answer\`: it is named as soon as that is known, at most 12 s after it fell silent, and asked nothing more. The other checks judge the nodes that answer, and say which they did not look at.

The tests named below run on real clusters and platforms that were damaged for them. This page is made by \`npx node tools/docs/write-checks-page.ts\`; a test fails when it is out of date.

## On the ClickHouse nodes

These run in \`verify:e2e\` and in \`verify:cluster\`.

${cluster.join('\n')}
## On Airflow and the run

These run in \`verify:e2e\` only.

${platform.join('\n')}`;
}

/** Writes the page. */
export const writeChecksPage = async (): Promise<void> => writeFile(page, await renderChecksPage());

/** The page as it is in the repository. */
export const readChecksPage = (): Promise<string> => readFile(page, 'utf8');

async function section({ name, title, proves }: Check): Promise<string> {
  const tests = await testNames(name);
  const list = tests.map((test) => `- ${test}\n`).join('');
  return `### \`${name}\`: ${title}

${proves}

Shown by tests:

${list}`;
}

async function testNames(check: string): Promise<string[]> {
  const file = join(workspace, `packages/verify/src/checks/${check}.integration.test.ts`);
  const text = await readFile(file, 'utf8');
  const names = text.matchAll(/^ *test(?:\.each\([\s\S]*?\n? *\]\))?\(\s*(['"`])(.+?)\1,/gm);
  return [...names].map(([, , name = '']) => name.replaceAll(/%\w/g, '…'));
}
