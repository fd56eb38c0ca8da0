import { Command } from 'commander';
import { reportError } from '@provehouse/secrets';

// Whoever reads the output may stop reading; the run goes on to its end all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

/** Each command is loaded when it is named: most of the time until a program starts is its modules. */
const COMMANDS = new Map<string, () => Promise<Command>>([
  ['e2e', async () => (await import('./commands/e2e.ts')).e2e],
  ['check', async () => (await import('./commands/check.ts')).check],
  ['init', async () => (await import('./commands/init.ts')).init],
  ['grants', async () => (await import('./commands/grants.ts')).grants],
  ['watch', async () => (await import('./commands/watch.ts')).watch],
  ['cluster', async () => (await import('./commands/cluster.ts')).cluster],
  ['drill', async () => (await import('./commands/drill.ts')).drill],
  ['report', async () => (await import('./commands/report.ts')).report],
]);

const program = new Command('verify')
  .description('Proves with evidence that a platform is as its contract says.')
  .exitOverride();
const named = COMMANDS.get(process.argv[2] ?? '');
for (const load of named ? [named] : COMMANDS.values()) program.addCommand(await load());

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}
