import { join, resolve } from 'node:path';
import type { Deployment } from '@provehouse/infra';
import { quoteName } from '@provehouse/infra/clickhouse';
import { givenPath } from '@provehouse/secrets';
import { Command } from 'commander';
import { valueRules } from '../checks/value-rules.ts';
import { connectCluster } from '../clickhouse/connect-cluster.ts';
import { GENTLE } from '../clickhouse/load-limits.ts';
import type { Cluster } from '../clickhouse/cluster.ts';
import { localTables } from '../contract/contract.ts';
import { parseContract } from '../contract/read-contract.ts';
import { askColumns } from '../discovery/ask-columns.ts';
import {
  discoverCluster,
  DiscoveryError,
  type DiscoveredCluster,
} from '../discovery/discover-cluster.ts';
import { draftContract, type DraftTable } from '../discovery/contract-draft.ts';
import type { ContractTable } from '../discovery/contract-tables.ts';
import { chosenTables, deploymentOf, describeDiscovery } from '../discovery/describe-cluster.ts';
import {
  readRequest,
  withDiscoveryOptions,
  type DiscoveryFlags,
} from '../discovery/discovery-options.ts';
import { statedTable } from '../discovery/stated-table.ts';
import { suggestRules, type SuggestedRule } from '../discovery/suggest-rules.ts';
import { FILES, refuseFiles, writeCluster } from '../discovery/write-cluster.ts';
import { ruleSubject } from '../rules/index.ts';

interface InitFlags extends DiscoveryFlags {
  readonly directory: string;
  readonly force: boolean;
}

/** The command that writes a deployment and a contract from what a cluster has. */
export const init = withDiscoveryOptions(
  new Command('init').description(
    'Write a deployment and a contract from what a cluster has, to be changed and verified again.',
  ),
)
  .option('--directory <folder>', 'where the files go', (word) => givenPath(word), givenPath('.'))
  .option('--force', 'write over the files of an earlier time', false)
  .addHelpText('after', '\nExit codes: 0 written, 2 could not run.')
  .exitOverride()
  .action(async (urls: readonly string[], flags: InitFlags) => {
    const folder = resolve(flags.directory);
    if (!flags.force) await refuseFiles(folder);
    const { request, choice } = await readRequest(urls, flags);
    const discovered = await discoverCluster(request);
    const { account } = discovered;
    const deployment = deploymentOf(discovered);
    const chosen = chosenTables(discovered, choice);
    for (const line of describeDiscovery(discovered, chosen)) process.stderr.write(`${line}\n`);
    if (chosen.tables.length === 0) {
      throw new DiscoveryError(
        'Expected tables that hold rows, found none that a contract could be about. Look at --user, whose grants decide what it sees, and at --database, --table and --exclude.',
      );
    }
    await using cluster = connectCluster(deployment, account, GENTLE);
    const drafts = await draft({ discovered, deployment, cluster }, chosen.tables);
    await writeCluster(folder, deployment, draftContract(drafts, chosen.leftOut), account);
    const [file, contract] = [FILES.deployment, FILES.contract].map((name) => join(folder, name));
    process.stdout.write(
      `Wrote ${Object.values(FILES).join(', ')} to ${folder}; the last holds the account (mode 0600).\n` +
        `Read ${contract}, change what is to be otherwise, and verify:\n` +
        `  npx provehouse cluster --deployment ${file} --contract ${contract}\n`,
    );
  });

/** A cluster that was found, and clients for its nodes. */
interface Discovery {
  readonly discovered: DiscoveredCluster;
  readonly deployment: Deployment;
  readonly cluster: Cluster;
}

/** Each table with its definition and the rules that all nodes keep now. */
async function draft(
  { discovered, deployment, cluster }: Discovery,
  tables: readonly ContractTable[],
): Promise<DraftTable[]> {
  const [client] = cluster.nodes;
  if (client === undefined) throw new RangeError('a cluster has one node at least');
  const columns = await askColumns(client);
  return Promise.all(
    tables.map(async (table): Promise<DraftTable> => {
      const name = `${table.database}.${table.name}`;
      const found = discovered.tables.find((one) => `${one.database}.${one.name}` === name);
      if (found === undefined || table.kind !== 'table') return { table };
      const own = columns.get(name) ?? [];
      const keys = discovered.keys.get(name) ?? { partition: '', sorting: '' };
      const stated = statedTable(found, keys, own);
      const quoted = `${quoteName(table.database)}.${quoteName(table.name)}`;
      const suggested = await suggestRules(client, { quoted, sortingKey: keys.sorting }, own);
      const rules = await thatHold({ cluster, deployment }, table, suggested);
      return { table, stated, rules, columns: own };
    }),
  );
}

/** The rules that every node keeps, as the check says that will judge them, in one pass over the rows. */
async function thatHold(
  { cluster, deployment }: Pick<Discovery, 'cluster' | 'deployment'>,
  table: ContractTable,
  suggested: readonly SuggestedRule[],
): Promise<readonly SuggestedRule[]> {
  if (suggested.length === 0) return [];
  const text = JSON.stringify({ version: 2, tables: [{ ...table, rules: suggested }] });
  const contract = parseContract(text, 'suggested rules');
  const context = { deployment, contract, cluster, secrets: {}, parameters: {} };
  const findings = await valueRules.run(context);
  const rules = localTables(contract).flatMap((local) => local.rules);
  return suggested.filter((_, index) => {
    const rule = rules[index];
    if (rule === undefined) return false;
    const subject = ruleSubject(table.name, rule);
    const about = findings.filter((finding) => finding.subject === subject);
    return about.length > 0 && about.every(({ status }) => status === 'passed');
  });
}
