import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PlatformCheck, PlatformContext } from '../check.ts';
import { containerTexts, readContainerText } from '../secret-search/container-texts.ts';
import { secretFields, secretForms, SHORTEST_SEARCHED } from '../secret-search/secret-forms.ts';
import { SecretSearch, type Leak } from '../secret-search/secret-search.ts';
import type { Finding } from '../verdict.ts';

const SHOWN = 50;

/** No secret is written where others may read it. */
export const secretLeaks: PlatformCheck = {
  name: 'secret-leaks',
  title: 'No secret is in a log, the deployment, a report or a process argument',
  scope: 'platform',
  security: true,
  proves:
    'No value of the secrets file occurs as it is, nor URL-, base64-, XML- or JSON-encoded, in the logs ' +
    'of components and tasks, the deployment, the results and reports that are there, the ' +
    "arguments of this user's processes, and, of containers, in their descriptions and Terraform's " +
    'state. It does not look into databases, memory or the environments of processes.',
  async run(context) {
    const fields = secretFields(context.secrets);
    const long = fields.filter(({ value }) => value.length >= SHORTEST_SEARCHED);
    if (long.length === 0) {
      const reason = 'No secret is long enough to be searched for.';
      return [{ status: 'inconclusive', expected: 'secrets', observed: 'none', reason }];
    }
    const search = new SecretSearch(long.flatMap(({ field, value }) => secretForms(field, value)));
    const short = fields.filter((field) => !long.includes(field)).map(({ field }) => field);
    return [
      ...(short.length === 0 ? [] : [shortFinding(short)]),
      ...(await Promise.all([
        ...(context.deployment.runtime === 'docker'
          ? [containersFinding(search, context), terraformFinding(search, context)]
          : [logsFinding(search, context)]),
        resultsFinding(search, context),
        argumentsFinding(search),
      ])),
      finding('deployment', 'the descriptor', [
        ...search.inText('deployment', JSON.stringify(context.deployment, null, 2)),
      ]),
    ];
  },
};

const shortFinding = (fields: readonly string[]): Finding => ({
  status: 'warned',
  subject: 'secrets',
  expected: `${SHORTEST_SEARCHED} characters or more, so that they can be searched for`,
  observed: `${fields.join(', ')}: shorter`,
  reason: 'A short password occurs anywhere by chance. Make it longer: secrets:rotate.',
});

async function logsFinding(
  search: SecretSearch,
  { deployment: { logFolders } }: PlatformContext,
): Promise<Finding> {
  const { files, bytes, leaks } = await searchFolders(search, logFolders);
  if (files > 0) return finding('logs', `${files} files, ${bytes} bytes`, leaks);
  return {
    status: logFolders.length === 0 ? 'skipped' : 'inconclusive',
    subject: 'logs',
    expected: 'log files to search',
    observed: logFolders.length === 0 ? 'the deployment names no folders' : 'there are none',
    reason: 'Name the folders with the logs as logFolders in the deployment.',
  };
}

async function containersFinding(
  search: SecretSearch,
  { deployment }: PlatformContext,
): Promise<Finding> {
  const texts = containerTexts(deployment);
  const searched = await Promise.all(
    texts.map((text) => search.inStream(text.place, readContainerText(text))),
  );
  const bytes = searched.reduce((sum, text) => sum + text.bytes, 0);
  const subject = 'containers';
  if (bytes === 0) {
    return {
      ...{ status: 'inconclusive', subject, expected: 'output to search', observed: 'none' },
      reason: 'Look whether the containers run: infra:status.',
    };
  }
  const leaks = searched.flatMap((text) => text.leaks);
  return finding(subject, `${texts.length} outputs and descriptions, ${bytes} bytes`, leaks);
}

async function terraformFinding(
  search: SecretSearch,
  { deployment: { secretsFile } }: PlatformContext,
): Promise<Finding> {
  const folder = join(dirname(secretsFile), 'terraform');
  const { files, bytes, leaks } = await searchFolders(search, [folder]);
  const subject = "Terraform's state and variables";
  if (files > 0) return finding(subject, `${files} files, ${bytes} bytes`, leaks);
  return {
    ...{
      status: 'inconclusive',
      subject,
      expected: 'files to search',
      observed: `none in ${folder}`,
    },
    reason: 'Containers are made by Terraform, whose state must be beside the secrets.',
  };
}

async function resultsFinding(
  search: SecretSearch,
  { deployment: { secretsFile } }: PlatformContext,
): Promise<Finding> {
  const folder = join(dirname(secretsFile), 'verify');
  const { files, bytes, leaks } = await searchFolders(search, [folder]);
  return finding('results and reports', `${files} files, ${bytes} bytes`, leaks);
}

async function searchFolders(
  search: SecretSearch,
  folders: readonly string[],
): Promise<{ files: number; bytes: number; leaks: readonly Leak[] }> {
  let files = 0;
  let bytes = 0;
  const leaks: Leak[] = [];
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
      unlessGone([]),
    );
    for (const entry of entries.filter((one) => one.isFile())) {
      const found = await search
        .inFile(join(entry.parentPath, entry.name))
        .catch(unlessGone(undefined));
      if (found === undefined) continue;
      files += 1;
      bytes += found.bytes;
      leaks.push(...found.leaks);
    }
  }
  return { files, bytes, leaks };
}

async function argumentsFinding(search: SecretSearch): Promise<Finding> {
  const user = process.getuid?.();
  const processes = await readdir('/proc').catch(unlessGone([]));
  const ids = processes.filter((name) => /^\d+$/.test(name));
  if (ids.length === 0) {
    return {
      status: 'skipped',
      subject: 'process arguments',
      expected: 'no secret',
      observed: 'not looked at',
      reason: 'This system has no /proc to read them from.',
    };
  }
  let read = 0;
  const leaks: Leak[] = [];
  for (const id of ids) {
    const owner = await stat(`/proc/${id}`).catch(unlessGone(undefined));
    if (owner?.uid !== user) continue;
    const line = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(unlessGone(undefined));
    const program = await readFile(`/proc/${id}/comm`, 'utf8').catch(unlessGone(undefined));
    if (line === undefined || program === undefined) continue;
    read += 1;
    leaks.push(...search.inText(`process ${id} (${program.trim()})`, line));
  }
  return finding('process arguments', `${read} processes`, leaks);
}

function finding(subject: string, searched: string, leaks: readonly Leak[]): Finding {
  const expected = 'no secret in any form';
  if (leaks.length === 0) {
    return { status: 'passed', subject, expected, observed: `none in ${searched}` };
  }
  const fields = [...new Set(leaks.map(({ field }) => field))].toSorted();
  const places = new Set(leaks.map(({ place }) => place)).size;
  return {
    status: 'failed',
    subject,
    expected,
    observed: `${fields.join(', ')} in ${places} ${places === 1 ? 'place' : 'places'} (${leaks.length} times)`,
    reason:
      'Find out who writes it, remove what is written, and replace the secret: secrets:rotate.',
    evidence: [
      {
        title: 'Where secrets are written',
        columns: ['field', 'form', 'place', 'line'],
        rows: leaks
          .slice(0, SHOWN)
          .map(({ field, form, place, line }) => [field, form, place, line]),
      },
    ],
  };
}

/** Files and processes may end while they are looked at; any other error is one. */
const unlessGone =
  <Value>(value: Value) =>
  (error: unknown): Value => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH') return value;
    throw error;
  };
