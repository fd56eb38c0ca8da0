import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { main, run, workspace } from './run.mjs';

await main(async () => {
  if (!existsSync(join(workspace, 'node_modules/.bin/node'))) {
    process.stdout.write('Nothing is installed here, so nothing was started from here.\n');
    return;
  }
  await run('node', ['packages/infra/src/cli.ts', 'down', ...process.argv.slice(2)]);
});
