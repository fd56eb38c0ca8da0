import { Command } from 'commander';
import { FURTHER_GRANTS, grantStatements, leastGrants } from '../discovery/least-grants.ts';

/** The command that prints what an account must be granted in order to verify a cluster. */
export const grants = new Command('grants')
  .description('Print the least privileges of an account that verifies a cluster, as SQL.')
  .requiredOption('--user <name>', 'the account')
  .requiredOption(
    '--database <name>',
    'database whose tables it judges (repeatable)',
    (name: string, names: readonly string[] | undefined) => [...(names ?? []), name],
  )
  .addHelpText('after', '\nExit codes: 0 printed, 2 could not run.')
  .exitOverride()
  .action(({ user, database }: { readonly user: string; readonly database: readonly string[] }) => {
    process.stdout.write(
      `-- It reads, and nothing else. readonly = 2 lets it set limits for its queries; 1 does as well.\n${grantStatements(leastGrants(database), user)}-- To see more:\n${grantStatements(FURTHER_GRANTS, user)}`,
    );
  });
