import { Argument, type Command } from 'commander';
import type { NodeTls } from '@provehouse/infra';
import { proxyOf, tlsOptions } from '@provehouse/infra/clickhouse';
import { givenPath } from '@provehouse/secrets';
import { parseAddressMap } from './address-map.ts';
import { parseClusterUrl } from './cluster-url.ts';
import { PASSWORD_VARIABLE, readAccount, TOKEN_VARIABLE } from './credentials.ts';
import { DiscoveryError, type DiscoveryOptions } from './discover-cluster.ts';
import type { TableChoice } from './table-choice.ts';

/** What a cluster is looked for with, as it is said on the command line. */
export interface DiscoveryFlags {
  readonly user?: string;
  readonly passwordFile?: string;
  readonly tokenFile?: string;
  readonly cluster?: string;
  readonly map: readonly string[];
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly insecure?: true;
  readonly database: readonly string[];
  readonly table: readonly string[];
  readonly exclude: readonly string[];
}

/** Adds URLs and the options of a cluster that is to be found out about. */
export const withDiscoveryOptions = (command: Command): Command =>
  command
    .addArgument(
      new Argument('<url...>', 'HTTP interface of a node, or of several: https://host:8443'),
    )
    .option('--user <name>', 'account that asks; it needs to read, nothing else')
    .option(
      '--password-file <file>',
      `file with its password (default: ${PASSWORD_VARIABLE}, else it is asked for)`,
      path,
    )
    .option(
      '--token-file <file>',
      `file with a bearer token, instead of user and password (default: ${TOKEN_VARIABLE})`,
      path,
    )
    .option('--cluster <name>', 'cluster of system.clusters (default: the one that there is)')
    .option(
      '--map <host:port=host:port>',
      'where a host of the cluster is reached from here, such as through a tunnel (repeatable)',
      collect,
      [],
    )
    .option('--ca <file>', 'certificates that are trusted besides the usual ones', path)
    .option('--certificate <file>', "the client's certificate", path)
    .option('--key <file>', 'its key', path)
    .option('--insecure', 'do not look at certificates: anybody may be at the address')
    .option('--database <pattern>', 'databases to judge, with * and ? (repeatable)', collect, [])
    .option(
      '--table <pattern>',
      'tables to judge, as name or database.name (repeatable)',
      collect,
      [],
    )
    .option('--exclude <pattern>', 'tables to leave out (repeatable)', collect, []);

const path = (word: string): string => givenPath(word);

const collect = (word: string, words: readonly string[]): string[] => [...words, word];

/** How a cluster is looked for, and which of its tables are meant. */
export interface DiscoveryRequest {
  readonly request: DiscoveryOptions;
  readonly choice: TableChoice;
}

/**
 * What is asked for on the command line; bad options are refused before anything is asked, and the
 * password is read.
 * @throws ClusterUrlError, AddressMapError, CredentialsError, SecretFileError, DiscoveryError, TlsFileError,
 * ProxyError
 */
export async function readRequest(
  urls: readonly string[],
  flags: DiscoveryFlags,
): Promise<DiscoveryRequest> {
  const addresses = urls.map(parseClusterUrl);
  const map = parseAddressMap(flags.map);
  const tls = tlsOf(flags);
  if (addresses.some(({ secure }) => secure !== addresses[0]?.secure)) {
    throw new DiscoveryError('Expected URLs that are all http or all https.');
  }
  // So is a proxy that cannot be one.
  for (const { host, port, secure } of addresses) {
    proxyOf({ name: host, host, httpPort: port, ...(secure && { tls }) });
  }
  const account = await readAccount(flags, process.env, process.stdin.isTTY === true);
  const { cluster, database: databases, table: tables, exclude } = flags;
  return {
    request: { addresses, account, map, tls, cluster },
    choice: { databases, tables, exclude },
  };
}

/** @throws TlsFileError */
function tlsOf({ ca, certificate, key, insecure }: DiscoveryFlags): NodeTls {
  if ((certificate === undefined) !== (key === undefined)) {
    throw new DiscoveryError('Expected --certificate and --key together, found one of them.');
  }
  const tls = {
    ...(ca !== undefined && { caFile: ca }),
    ...(certificate !== undefined && { certificateFile: certificate }),
    ...(key !== undefined && { keyFile: key }),
    ...(insecure && { insecure }),
  };
  // A file that is not there is an error before anything is asked.
  tlsOptions(tls);
  return tls;
}
