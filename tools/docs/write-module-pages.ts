import { moduleFolders, writeModulePage } from './module-pages.ts';

for (const folder of await moduleFolders()) await writeModulePage(folder);
