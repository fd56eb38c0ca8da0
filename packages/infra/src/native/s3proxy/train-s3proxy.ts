import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBucket } from '../../services/bucket.ts';
import type { TrainedServer } from '../jars/train-server.ts';
import { renderS3Proxy } from './s3proxy-config.ts';

const BUCKET = 'training';
const KEYS = { accessKey: 'training', secretKey: 'training' };

/** An S3 server into which an object is written, and out of which it is read and deleted. */
export const TRAINED_S3PROXY: TrainedServer = {
  name: 'S3Proxy',
  ports: 1,
  async prepare(folder, [listen = { host: '', port: 0 }]) {
    const file = join(folder, 's3proxy.properties');
    const dataFolder = join(folder, 'data');
    await mkdir(join(dataFolder, BUCKET), { recursive: true });
    await writeFile(file, renderS3Proxy({ listen, dataFolder, ...KEYS }));
    const bucket = openBucket({
      ...{ endpoint: `http://${listen.host}:${listen.port}`, bucket: BUCKET, region: 'us-east-1' },
      ...KEYS,
    });
    return {
      words: [file],
      async ask() {
        await bucket.ask();
        await bucket.write('object', 'content');
        await bucket.read('object');
        await bucket.remove('object');
      },
    };
  },
};
