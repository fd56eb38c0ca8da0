import { hasNode } from './node-program.mjs';
import { main, run } from './run.mjs';

await main(async () => {
  if (!hasNode()) {
    process.stdout.write('Nothing is installed here, so nothing was started from here.\n');
    return;
  }
  await run('node', ['packages/infra/src/cli.ts', 'down', ...process.argv.slice(2)]);
});
