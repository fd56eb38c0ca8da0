import { createHash } from 'node:crypto';
import type { Secrets } from '@provehouse/secrets';

/** The list in which tasks wait for a Celery worker: Airflow's default queue. */
export const TASK_QUEUE = 'default';

/** An account that sees how the server is, and of its data how many tasks wait. */
export interface ValkeyMonitor {
  readonly name: string;
  readonly password: string;
}

/** What one server is configured with. */
export interface ValkeySettings {
  readonly listenHost: string;
  readonly port: number;
  /** As valkey.conf has it, in quotes where it may hold a space. */
  readonly dataFolder: string;
  readonly secrets: Secrets;
  /** Who may ask how it is, besides the account of Celery, which may do everything. */
  readonly monitor?: ValkeyMonitor;
}

/** A quoted argument of valkey.conf, where `\xHH` stands for a byte (valkey.io/topics/valkey.conf). */
export function quoteValkey(text: string): string {
  const bytes = [...Buffer.from(text, 'utf8')];
  return `"${bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
}

/** valkey.conf (https://valkey.io/topics/valkey.conf). */
export const renderConfig = (settings: ValkeySettings): string => {
  const { listenHost, port, dataFolder, secrets, monitor } = settings;
  return [
    `bind ${listenHost}`,
    `port ${port}`,
    `dir ${dataFolder}`,
    `requirepass ${quoteValkey(secrets.redis_password)}`,
    ...(monitor ? [accountLine(monitor)] : []),
    // Messages that Celery has accepted survive a restart of the broker.
    'appendonly yes',
    'save ""',
    '',
  ].join('\n');
};

/**
 * What the account may do (https://valkey.io/topics/acl): see the server's counters, and the type and length
 * of one list. No command of these gives a value, a setting or what another client has sent, which is why
 * CONFIG GET (it shows requirepass) and SLOWLOG GET (it shows arguments) are not among them.
 */
const MONITOR_RIGHTS = `+info +latency|latest +slowlog|len +select +type +llen %R~${TASK_QUEUE}`;

function accountLine({ name, password }: ValkeyMonitor): string {
  const digest = createHash('sha256').update(password).digest('hex');
  return `user ${name} on #${digest} ${MONITOR_RIGHTS}`;
}

/** Logs in and gives the server's version; rejects when it does not serve. */
export async function askVersion(port: number, secrets: Secrets): Promise<string> {
  // Dozens of modules, which commands that ask no Valkey do not need.
  const { Redis } = await import('iovalkey');
  const client = new Redis({
    ...{ host: '127.0.0.1', port, password: secrets.redis_password, lazyConnect: true },
    ...{ connectTimeout: 2000, commandTimeout: 2000, retryStrategy: () => null },
  });
  // What connect itself rejects with says no more than that the connection is closed.
  let cause: Error | undefined;
  client.on('error', (error) => (cause = error));
  try {
    await client.connect();
    return versionIn(await client.info('server'));
  } catch (error) {
    throw cause ?? error;
  } finally {
    client.disconnect();
  }
}

/** The version in what `INFO server` answers; Valkey also names the Redis that it is compatible with. */
export function versionIn(information: string): string {
  const own = /^valkey_version:(.+)$/m.exec(information);
  const redis = /^redis_version:(.+)$/m.exec(information);
  return (own ?? redis)?.[1]?.trim() ?? 'unknown';
}
