import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPrograms } from '../src/native/programs.ts';
import { provideS3Proxy } from '../src/native/s3proxy/programs.ts';
import { renderS3Proxy } from '../src/native/s3proxy/s3proxy-config.ts';
import { openBucket } from '../src/services/bucket.ts';
import { cacheFolder } from '../src/state/cache-folder.ts';
import { retryUntil } from '../src/system/retry-until.ts';
import { freePorts } from './free-ports.ts';

/** An S3 server that is no part of a platform. */
export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  readonly keys: { readonly accessKey: string; readonly secretKey: string };
  /** Folder in which each bucket is a folder. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts one with those buckets, empty. */
export async function startS3Server(...buckets: readonly string[]): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-s3-'));
  const { port } = await freePorts(['port']);
  const keys = { accessKey: 'outside_key', secretKey: 'the-key-of-somebody-else' };
  for (const bucket of buckets) await mkdir(join(folder, bucket), { mode: 0o700 });
  const file = join(folder, 's3proxy.properties');
  await writeFile(
    file,
    renderS3Proxy({ listen: { host: '127.0.0.1', port }, dataFolder: folder, ...keys }),
    { mode: 0o600 },
  );
  const { python } = await findPrograms();
  const sources = { python, cache: cacheFolder(process.env), onDownload() {} };
  const [program = '', ...words] = await provideS3Proxy(sources);
  const server = spawn(program, [...words, file], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const [bucket = ''] = buckets;
  await retryUntil(
    (signal) => openBucket({ endpoint, bucket, region: 'us-east-1', ...keys }).ask(signal),
    { signal: AbortSignal.timeout(60_000) },
  );
  const stop = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  return {
    ...{ endpoint, keys, folder, stop },
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
}
