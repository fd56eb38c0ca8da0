import { Command } from 'commander';
import { reportError } from '@provehouse/secrets';
import { check } from './commands/check.ts';
import { cluster } from './commands/cluster.ts';
import { drill } from './commands/drill.ts';
import { e2e } from './commands/e2e.ts';
import { grants } from './commands/grants.ts';
import { init } from './commands/init.ts';
import { report } from './commands/report.ts';
import { watch } from './commands/watch.ts';

// Whoever reads the output may stop reading; the run goes on to its end all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const program = new Command('verify')
  .description('Proves with evidence that a platform is as its contract says.')
  .exitOverride()
  .addCommand(e2e)
  .addCommand(check)
  .addCommand(init)
  .addCommand(grants)
  .addCommand(watch)
  .addCommand(cluster)
  .addCommand(drill)
  .addCommand(report);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}
