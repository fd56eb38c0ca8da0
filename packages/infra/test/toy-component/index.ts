import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import axios from 'axios';
import type { ComponentDescriptor } from '../../src/components/descriptor.ts';
import { portOf } from '../../src/system/ports.ts';

const HOST = '127.0.0.1';
const PORTS = [{ name: 'toy', preferred: 18_200 }];

/** What the server answers, and what its container finds in its configuration. */
export const GREETING = 'a toy, and nothing else knows of it\n';

/** A server of one file: the smallest component that people could add, in a folder of its own. */
export const toy: ComponentDescriptor = {
  name: 'toy',
  kind: 'toy',
  native: {
    isPart: () => true,
    ports: () => PORTS,
    processes({ folder, plan, programs }) {
      const port = portOf(plan, 'toy');
      const served = join(folder.data, 'toy');
      const url = `http://${HOST}:${port}`;
      return [
        {
          name: 'toy',
          command: [
            ...[programs.python, '-m', 'http.server', String(port)],
            ...['--bind', HOST, '--directory', served],
          ],
          address: `${HOST}:${port}`,
          url,
          budgetSeconds: 30,
          async prepare() {
            await mkdir(served, { recursive: true });
            await writeFile(join(served, 'index.html'), GREETING);
          },
          async probe(signal) {
            await axios.get(url, { signal, proxy: false });
          },
        },
      ];
    },
  },
  container: {
    isPart: ({ storage }) => storage === 'local_ssd',
    images: [],
    ports: () => PORTS,
    files: () => ({ 'toy/index.html': GREETING }),
    module: {
      folder: join(import.meta.dirname, 'module'),
      inputs: (plan) => ({
        port: portOf(plan, 'toy'),
        // Airflow's, because it has Python and is on every engine that runs a platform.
        image: plan.images['airflow'] ?? 'provehouse/airflow:3.3.2',
      }),
    },
    hasPage: (component) => component === 'toy',
  },
};
