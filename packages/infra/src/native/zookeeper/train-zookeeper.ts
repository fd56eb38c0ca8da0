import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askCoordinator } from '../../clickhouse/coordination.ts';
import type { TrainedServer } from '../jars/train-server.ts';
import { renderZookeeper } from './zoo-config.ts';

/** A ZooKeeper that elects itself. */
export const TRAINED_ZOOKEEPER: TrainedServer = {
  name: 'ZooKeeper',
  ports: 3,
  async prepare(folder, [client = { host: '', port: 0 }, ...peers]) {
    const file = join(folder, 'zoo.cfg');
    await writeFile(join(folder, 'myid'), '1');
    // Alone it would hold no election otherwise, and link none of its classes.
    const alone = 'standaloneEnabled=false\n';
    const members = [peers.map(({ port }) => port)];
    await writeFile(file, renderZookeeper(folder, client, members) + alone);
    return { words: [file], ask: () => askCoordinator(client) };
  },
};
