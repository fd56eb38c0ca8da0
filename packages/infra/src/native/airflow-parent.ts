import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { StateFolder } from '../state/state-folder.ts';
import type { NativeProcess } from './component.ts';

/** The component that imports Airflow once; the processes of Airflow's others are forked from it. */
export const AIRFLOW_PARENT = 'airflow-parent';

/** What runs the components of one platform. */
export interface AirflowPrograms {
  readonly folder: StateFolder;
  readonly python: string;
  /** The `airflow` command. */
  readonly program: string;
}

/** What is the same of the parent and of the components that it forks. */
type SharedByAll = Pick<NativeProcess, 'prepare' | 'budgetSeconds' | 'probeIntervalMs'>;

const file = (name: string): string => join(import.meta.dirname, name);

/** Where components ask the parent for their processes. */
const socketOf = ({ socketFolder }: StateFolder): string => join(socketFolder, 'airflow.sock');

/** The parent as a component of the native runtime. */
export function airflowParent(
  { folder, python }: Pick<AirflowPrograms, 'folder' | 'python'>,
  { environmentFile, ...shared }: SharedByAll & { readonly environmentFile: string },
): NativeProcess {
  return {
    name: AIRFLOW_PARENT,
    command: [python, file('airflow_parent.py'), environmentFile, socketOf(folder)],
    ...shared,
    probe: () => askParent(socketOf(folder)),
  };
}

/** The command that runs `airflow WORDS` in a process that the parent forks, or alone without it. */
export const forkedCommand = (
  { folder, python, program }: AirflowPrograms,
  environmentFile: string,
  words: readonly string[],
): string[] => [
  python,
  // It needs nothing but the standard library, and starts the sooner for it.
  ...['-E', '-S', file('airflow_component.py'), socketOf(folder), ...words],
  ...['--', ...aloneCommand({ python, program }, environmentFile, words)],
];

/** The command that runs `airflow WORDS` in a process that imports Airflow by itself. */
export const aloneCommand = (
  { python, program }: Pick<AirflowPrograms, 'python' | 'program'>,
  environmentFile: string,
  words: readonly string[],
): string[] => [python, file('../airflow/with_environment.py'), environmentFile, program, ...words];

/** Resolves once the parent has answered: it ends a connection that asks for nothing. */
async function askParent(socket: string): Promise<void> {
  const connection = connect(socket);
  connection.setTimeout(5000, () => connection.destroy(new Error('no answer within 5 s')));
  connection.end();
  connection.resume();
  await once(connection, 'close');
}
