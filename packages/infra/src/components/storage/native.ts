import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { BUCKETS, type BucketLogin } from '../../clickhouse/storage.ts';
import type { NativeProcess } from '../../native/component.ts';
import type { Plan } from '../../native/plan.ts';
import { providePythonGroup } from '../../native/python-group.ts';
import { provideS3Proxy } from '../../native/s3proxy/programs.ts';
import { renderS3Proxy } from '../../native/s3proxy/s3proxy-config.ts';
import { openBucket, type BucketAccess } from '../../services/bucket.ts';
import {
  DEFAULT_REGION,
  bucketUrl,
  parseBucketUrl,
  type BucketPlace,
} from '../../services/bucket-place.ts';
import { proveBucket } from '../../services/prove-bucket.ts';
import { backupsIn } from '../../backup/backup-name.ts';
import { portOf } from '../../system/ports.ts';
import type { ElsewhereService, NativeContext, NativeSide } from '../native-side.ts';

const HOST = '127.0.0.1';
const CONFIG = 'storage/s3proxy.properties';

/** The name by which other processes wait for it. */
export const STORAGE_PROCESS = 'storage';

/** An S3 server as one process, with a bucket for the nodes, or a bucket that somebody else runs. */
export const storageProcess: NativeSide = {
  isPart: ({ modules }) => modules.storage !== undefined,
  async provide({ python, cache, message }) {
    const onDownload = (): void =>
      message('Downloading an S3 server; later starts take it from the cache.');
    const [command] = await Promise.all([
      provideS3Proxy({ python, cache, onDownload }),
      providePythonGroup('storage'),
    ]);
    return command;
  },
  ports: ({ storageEndpoint }) =>
    storageEndpoint === undefined ? [{ name: 'storage', preferred: 9900 }] : [],
  // Nodes that keep their tables in it wait for it.
  startOrder: 2,
  files: (context) =>
    context.plan.storageEndpoint === undefined ? { [CONFIG]: configOf(context) } : {},
  processes: (context) => (context.plan.storageEndpoint === undefined ? [server(context)] : []),
  elsewhere: (context) =>
    context.plan.storageEndpoint === undefined ? [] : [bucketElsewhere(context)],
  describe({ plan, secrets }) {
    const { endpoint, region, bucket, prefix, accessKey: user } = platformBucket(plan, secrets);
    const folder = prefix === '' ? {} : { prefix };
    return Promise.resolve({ storage: { endpoint, region, bucket, ...folder, user } });
  },
  // Nodes write what they have yet to write while they end.
  stopWave: (process) => (process === STORAGE_PROCESS ? 'last' : undefined),
};

/** The bucket of a platform that has the module, the folder in it, and its keys. */
export function platformBucket(
  plan: Pick<Plan, 'ports' | 'storageEndpoint'>,
  secrets: Secrets,
): BucketAccess & BucketPlace {
  const { minio_root_user: accessKey, minio_root_password: secretKey } = secrets;
  const { storageEndpoint } = plan;
  if (storageEndpoint !== undefined) {
    return { ...parseBucketUrl(storageEndpoint), accessKey, secretKey };
  }
  return {
    ...{ endpoint: `http://${HOST}:${portOf(plan, 'storage')}`, region: DEFAULT_REGION },
    ...{ bucket: BUCKETS.data, prefix: '', accessKey, secretKey },
  };
}

/** Where nodes find files, and the keys. */
export function filesLogin(
  plan: Pick<Plan, 'ports' | 'storageEndpoint'>,
  secrets: Secrets,
): BucketLogin {
  const { accessKey, secretKey, ...place } = platformBucket(plan, secrets);
  return { url: bucketUrl(place), accessKey, secretKey };
}

/** Where nodes keep backups, and the keys. */
export function backupsLogin(
  plan: Pick<Plan, 'ports' | 'storageEndpoint'>,
  secrets: Secrets,
): BucketLogin {
  return backupsIn(filesLogin(plan, secrets));
}

function bucketElsewhere({ plan, secrets }: NativeContext): ElsewhereService {
  const access = platformBucket(plan, secrets);
  return {
    ...{ name: STORAGE_PROCESS, address: new URL(access.endpoint).host, url: bucketUrl(access) },
    probe: (signal) => openBucket(access).ask(signal),
    prove: (signal) => proveBucket(access, signal),
  };
}

const dataFolderOf = ({ folder }: NativeContext): string => join(folder.data, 'storage');

const configOf = (context: NativeContext): string => {
  const { plan, secrets } = context;
  const { accessKey, secretKey } = platformBucket(plan, secrets);
  return renderS3Proxy({
    listen: { host: HOST, port: portOf(plan, 'storage') },
    ...{ dataFolder: dataFolderOf(context), accessKey, secretKey },
  });
};

function server(context: NativeContext): NativeProcess {
  const { folder, plan, secrets } = context;
  const { storage: command = [] } = plan.modules;
  const configFile = join(folder.config, CONFIG);
  const access = platformBucket(plan, secrets);
  const bucket = openBucket(access);
  return {
    name: STORAGE_PROCESS,
    command: [...command, configFile],
    address: `${HOST}:${portOf(plan, 'storage')}`,
    // It would wait for clients to close connections that they keep open.
    stopSignal: 'KILL',
    budgetSeconds: 60,
    async prepare() {
      await mkdir(dirname(configFile), { recursive: true });
      await writeFile(configFile, configOf(context), { mode: 0o600 });
      // For this server a folder is a bucket, and one that others may read is read by anybody.
      const bucketFolder = join(dataFolderOf(context), access.bucket);
      await mkdir(bucketFolder, { recursive: true });
      await chmod(bucketFolder, 0o700);
    },
    probe: (signal) => bucket.ask(signal),
  };
}
