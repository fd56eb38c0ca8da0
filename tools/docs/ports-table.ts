import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COMPONENTS, MODULES, type ContainerShape, type NativeShape } from '@provehouse/infra';

const PAGE = join(import.meta.dirname, '../../docs/settings.md');

/** Everything that a platform may have, as processes and in containers. */
const NATIVE: NativeShape = {
  ...{ shards: 1, replicas: 1, airflow: true },
  modules: Object.fromEntries(MODULES.map((module) => [module, [module]])),
  engine: { name: 'chdb', coordination: { kind: 'zookeeper', command: [], members: 1 } },
};
const CONTAINERS: ContainerShape = {
  ...{ shards: 1, replicas: 1, airflow: true, keepers: 1, storage: 's3_ssd', consumers: [] },
  modules: [...MODULES],
};

/** The ports by convention as a table of Markdown: name, number, and which runtimes have it. */
export function portsTable(): string {
  const found = COMPONENTS.flatMap(({ native, container }) => [
    ...(native?.ports?.(NATIVE) ?? []).map((port) => ({ ...port, runtime: 'native' })),
    ...(container?.ports?.(CONTAINERS) ?? []).map((port) => ({
      ...port,
      runtime: 'containers',
    })),
  ]);
  const rows = [...Map.groupBy(found, ({ name }) => name)].map(([name, of]) => {
    const runtimes = [...new Set(of.map(({ runtime }) => runtime))].join(', ');
    const preferred = of[0]?.preferred ?? 0;
    const numbered = name.includes('-01.');
    return `| \`${name.replace('-01.', '-NN.')}\` | ${numbered ? `${preferred - 1} + NN` : preferred} | ${runtimes} |`;
  });
  return ['| name | port | runtime |', '|---|---|---|', ...rows, ''].join('\n');
}

/** The table as it is in docs/settings.md. */
export async function writtenTable(): Promise<string> {
  return TABLE.exec(await readFile(PAGE, 'utf8'))?.[0] ?? '';
}

/** Writes the table into docs/settings.md. */
export async function writePortsTable(): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  await writeFile(
    PAGE,
    page.replace(TABLE, () => portsTable()),
  );
}

const TABLE = /\| name \| port \|[^]*?\n(?=\n)/;
