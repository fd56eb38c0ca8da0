import { writePortsTable } from './ports-table.ts';

await writePortsTable();
