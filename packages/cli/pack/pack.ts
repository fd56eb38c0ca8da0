import { packPublished } from './pack-published.ts';

// pack.ts [FOLDER]
const root = new URL('../../..', import.meta.url).pathname;
const [, , folder = `${root}dist/npm`] = process.argv;
process.stdout.write(`${await packPublished(folder)}\n`);
