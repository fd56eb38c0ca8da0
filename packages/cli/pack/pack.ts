import { packPublished } from './pack-published.ts';

const root = new URL('../../..', import.meta.url).pathname;
process.stdout.write(`${await packPublished(`${root}dist/npm`)}\n`);
