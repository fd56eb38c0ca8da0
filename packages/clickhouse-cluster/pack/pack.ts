import { packPackage } from './pack-package.ts';

const root = new URL('../../..', import.meta.url).pathname;
process.stdout.write(`${await packPackage(`${root}dist/npm-clickhouse-cluster`)}\n`);
