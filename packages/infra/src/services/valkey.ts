import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import type { Secrets } from '@provehouse/secrets';
import type { Component } from '../native/component.ts';
import type { StateFolder } from '../state/state-folder.ts';

export interface ValkeyOptions {
  readonly folder: StateFolder;
  readonly secrets: Secrets;
  readonly program: string;
  readonly port: number;
}

/** A quoted argument of valkey.conf, where `\xHH` stands for a byte (valkey.io/topics/valkey.conf). */
export function quoteValkey(text: string): string {
  const bytes = [...Buffer.from(text, 'utf8')];
  return `"${bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
}

/** Celery's broker as a component of the native runtime. */
export function valkeyComponent({ folder, secrets, program, port }: ValkeyOptions): Component {
  const configFile = join(folder.config, 'redis', 'valkey.conf');
  const dataFolder = join(folder.data, 'redis');
  return {
    name: 'redis',
    kind: 'redis',
    command: [program, configFile],
    address: `127.0.0.1:${port}`,
    budgetSeconds: 30,
    async prepare() {
      await mkdir(join(folder.config, 'redis'), { recursive: true });
      await mkdir(dataFolder, { recursive: true });
      const lines = [
        'bind 127.0.0.1',
        `port ${port}`,
        `dir "${dataFolder}"`,
        `requirepass ${quoteValkey(secrets.redis_password)}`,
        // Messages that Celery has accepted survive a restart of the broker.
        'appendonly yes',
        'save ""',
      ];
      await writeFile(configFile, `${lines.join('\n')}\n`, { mode: 0o600 });
    },
    async probe() {
      await askVersion(port, secrets);
    },
  };
}

/** Logs in and gives the server's version; rejects when it does not serve. */
export async function askVersion(port: number, secrets: Secrets): Promise<string> {
  const client = createClient({
    socket: { host: '127.0.0.1', port, reconnectStrategy: false, connectTimeout: 2000 },
    password: secrets.redis_password,
  });
  // An error is also thrown by connect; without a listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const information = await client.info('server');
    return versionIn(information);
  } finally {
    client.destroy();
  }
}

/** The version in what `INFO server` answers; Valkey also names the Redis that it is compatible with. */
export function versionIn(information: string): string {
  const own = /^valkey_version:(.+)$/m.exec(information);
  const redis = /^redis_version:(.+)$/m.exec(information);
  return (own ?? redis)?.[1]?.trim() ?? 'unknown';
}
