import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NativeProcess } from '../../native/component.ts';
import type { StateFolder } from '../../state/state-folder.ts';
import type { NativeContext } from '../native-side.ts';
import { askPage } from './ask-page.ts';
import { urlOf } from './places.ts';
import { programsIn } from './programs.ts';

/** The folder of what verifies on a schedule: each has a file `….prom` in it, with its last verdicts. */
export const verdictsFolder = ({ data }: StateFolder): string => join(data, 'verdicts');

/** What serves the verdicts in that folder: the node exporter, with its collector of text files alone. */
export function verdictExporter({ folder, plan }: NativeContext): NativeProcess {
  const url = urlOf(plan, 'verdict-exporter');
  const directory = verdictsFolder(folder);
  return {
    name: 'verdict-exporter',
    command: [
      programsIn(plan.modules.monitoring ?? []).verdicts,
      '--collector.disable-defaults',
      '--collector.textfile',
      `--collector.textfile.directory=${directory}`,
      `--web.listen-address=${new URL(url).host}`,
    ],
    address: new URL(url).host,
    url: `${url}/metrics`,
    budgetSeconds: 60,
    async prepare() {
      await mkdir(directory, { recursive: true });
    },
    probe: (signal) => askPage(`${url}/metrics`, { signal }),
  };
}
