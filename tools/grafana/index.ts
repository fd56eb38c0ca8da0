import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { format } from 'prettier';
import { airflow } from './airflow.ts';
import { render, type Board } from './board.ts';
import { clickhouse } from './clickhouse.ts';
import { verification } from './verification.ts';

const FOLDER = resolve(import.meta.dirname, '../../packages/infra/grafana');

/** The dashboards that are in packages/infra/grafana. */
export const BOARDS: readonly Board[] = [clickhouse, airflow, verification];

/** What the file of a dashboard has to hold. */
export const textOf = (board: Board): Promise<string> =>
  format(JSON.stringify(render(board)), { parser: 'json', printWidth: 100 });

const fileOf = ({ uid }: Board): string => join(FOLDER, `${uid}.json`);

/** What the file of a dashboard holds. */
export const writtenText = (board: Board): Promise<string> => readFile(fileOf(board), 'utf8');

/** Writes the files of all dashboards. */
export async function writeBoards(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  for (const board of BOARDS) await writeFile(fileOf(board), await textOf(board));
}
