import { reportError } from '@provehouse/secrets';
import { check, cluster, grants, init, watch } from '@provehouse/verify/commands';
import { Command } from 'commander';

/** Runs the program with the commands for any cluster, and those that are given. */
export async function run(others: readonly Command[]): Promise<void> {
  // Whoever reads the output may stop reading; the run goes on to its end all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const program = new Command('provehouse')
    .description('Proves with evidence that a data platform is whole.')
    .exitOverride()
    .commandsGroup('Any ClickHouse cluster:')
    .addCommand(check)
    .addCommand(init)
    .addCommand(cluster)
    .addCommand(grants)
    .addCommand(watch)
    .commandsGroup('A platform of a clone of Provehouse:');
  for (const command of others) program.addCommand(command);
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = reportError(error);
  }
}
