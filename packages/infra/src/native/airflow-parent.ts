import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { StateFolder } from '../state/state-folder.ts';
import type { AirflowOptions } from './airflow-options.ts';
import type { Component } from './component.ts';

/** The component that imports Airflow once; the processes of Airflow's others are forked from it. */
export const AIRFLOW_PARENT = 'airflow-parent';

const file = (name: string): string => join(import.meta.dirname, name);

/** Where components ask the parent for their processes. */
const socketOf = ({ socketFolder }: StateFolder): string => join(socketFolder, 'airflow.sock');

/** The parent as a component of the native runtime. */
export function airflowParent(
  { folder, python }: Pick<AirflowOptions, 'folder' | 'python'>,
  {
    environmentFile,
    ...shared
  }: Pick<Component, 'prepare' | 'budgetSeconds'> & { environmentFile: string },
): Component {
  return {
    name: AIRFLOW_PARENT,
    kind: 'airflow',
    command: [python, file('airflow_parent.py'), environmentFile, socketOf(folder)],
    ...shared,
    probe: () => askParent(socketOf(folder)),
  };
}

/** The command that runs `airflow WORDS` in a process that the parent forks, or alone without it. */
export const forkedCommand = (
  { folder, python, program }: Pick<AirflowOptions, 'folder' | 'python' | 'program'>,
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
  { python, program }: Pick<AirflowOptions, 'python' | 'program'>,
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
