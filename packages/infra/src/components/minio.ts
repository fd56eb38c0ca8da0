import type { ComponentDescriptor } from './descriptor.ts';

/** The buckets of nodes that keep their data, or their backups, in one. */
export const minio: ComponentDescriptor = {
  name: 'minio',
  kind: 'storage',
  container: {
    isPart: ({ storage }) => storage !== 'local_ssd',
    images: ['minio'],
    keepsData: true,
    ports: () => [
      { name: 'minio', preferred: 9900 },
      { name: 'minio-console', preferred: 9901 },
    ],
    files: (_, secrets) => ({
      'minio/config.env':
        `MINIO_ROOT_USER=${quoteMinio(secrets.minio_root_user)}\n` +
        `MINIO_ROOT_PASSWORD=${quoteMinio(secrets.minio_root_password)}\n`,
    }),
    variables: ({ storage }) => ({ storage_type: storage }),
  },
};

/** MinIO takes one quote off each end of a value and reads the rest as it is, quotes included. */
const quoteMinio = (text: string): string => `'${text}'`;
