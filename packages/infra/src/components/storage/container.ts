import type { Secrets } from '@provehouse/secrets';
import { BUCKETS } from '../../clickhouse/storage.ts';
import type { ContainerPlan } from '../../docker/container-plan.ts';
import type { BucketAccess } from '../../services/bucket.ts';
import { DEFAULT_REGION } from '../../services/bucket-place.ts';
import { portOf } from '../../system/ports.ts';
import type { ContainerSide } from '../container-side.ts';

/** Where nodes and tasks find it. */
export const STORAGE_INSIDE = 'http://minio:9000';

/** MinIO, with a bucket for tables and one for backups. Its container and its volume have its own name. */
export const storageContainer: ContainerSide = {
  // Plans of before modules say it by their storage alone.
  isPart: ({ storage, modules }) => storage !== 'local_ssd' || modules.includes('storage'),
  images: ['minio'],
  keepsData: true,
  ports: () => [
    { name: 'storage', preferred: 9900 },
    { name: 'storage-console', preferred: 9901 },
  ],
  files: (_, secrets) => ({
    'minio/config.env':
      `MINIO_ROOT_USER=${quoteMinio(secrets.minio_root_user)}\n` +
      `MINIO_ROOT_PASSWORD=${quoteMinio(secrets.minio_root_password)}\n`,
  }),
  variables: ({ storage }) => ({ storage_type: storage }),
  describe({ plan, secrets }) {
    const { endpoint, region, bucket, accessKey: user } = containerBucket(plan, secrets);
    const inside = { endpoint: STORAGE_INSIDE };
    return Promise.resolve({ storage: { endpoint, region, bucket, user, inside } });
  },
};

/** The bucket of a platform that has the module as this machine reaches it, and its keys. */
export const containerBucket = (
  plan: Pick<ContainerPlan, 'ports'>,
  secrets: Secrets,
): BucketAccess => ({
  ...bucketInside(secrets),
  endpoint: `http://127.0.0.1:${portOf(plan, 'storage')}`,
});

/** The same as nodes and tasks reach it. */
export const bucketInside = (secrets: Secrets): BucketAccess => ({
  ...{ endpoint: STORAGE_INSIDE, region: DEFAULT_REGION, bucket: BUCKETS.data },
  accessKey: secrets.minio_root_user,
  secretKey: secrets.minio_root_password,
});

/** MinIO takes one quote off each end of a value and reads the rest as it is, quotes included. */
const quoteMinio = (text: string): string => `'${text}'`;
