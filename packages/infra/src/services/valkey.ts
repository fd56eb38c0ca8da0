import type { Secrets } from '@provehouse/secrets';

/** What one server is configured with. */
export interface ValkeySettings {
  readonly listenHost: string;
  readonly port: number;
  /** As valkey.conf has it, in quotes where it may hold a space. */
  readonly dataFolder: string;
  readonly secrets: Secrets;
}

/** A quoted argument of valkey.conf, where `\xHH` stands for a byte (valkey.io/topics/valkey.conf). */
export function quoteValkey(text: string): string {
  const bytes = [...Buffer.from(text, 'utf8')];
  return `"${bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
}

/** valkey.conf (https://valkey.io/topics/valkey.conf). */
export const renderConfig = ({ listenHost, port, dataFolder, secrets }: ValkeySettings): string =>
  [
    `bind ${listenHost}`,
    `port ${port}`,
    `dir ${dataFolder}`,
    `requirepass ${quoteValkey(secrets.redis_password)}`,
    // Messages that Celery has accepted survive a restart of the broker.
    'appendonly yes',
    'save ""',
    '',
  ].join('\n');

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
