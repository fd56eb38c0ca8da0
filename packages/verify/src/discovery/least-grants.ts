import { quoteName } from '@provehouse/infra/clickhouse';

/** A privilege, and what is not judged without it. */
export interface Grant {
  readonly privilege: string;
  readonly without: string;
}

/**
 * The least that an account needs in order to judge all tables of some databases
 * (https://clickhouse.com/docs/sql-reference/statements/grant).
 */
export const leastGrants = (databases: readonly string[]): readonly Grant[] => [
  { privilege: 'SELECT ON system.*', without: 'nothing can be judged' },
  ...databases.map((database) => ({
    privilege: `SELECT ON ${quoteName(database)}.*`,
    without: 'its rows are not compared',
  })),
  {
    privilege: 'REMOTE ON *.*',
    without: 'members are looked for at the port of the URL, and node-to-node is skipped',
  },
];

/** What shows an account more than the tables that it judges. */
export const FURTHER_GRANTS: readonly Grant[] = [
  { privilege: 'SHOW ON *.*', without: 'objects of other databases are not compared' },
  { privilege: 'SHOW NAMED COLLECTIONS ON *', without: 'named-collections is skipped' },
];

/** Statements that grant them to an account, each with what it is for as a comment. */
export const grantStatements = (grants: readonly Grant[], user: string): string =>
  grants
    .map(
      ({ privilege, without }) => `GRANT ${privilege} TO ${quoteName(user)}; -- else ${without}\n`,
    )
    .join('');
