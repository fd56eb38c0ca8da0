import { NoAnswerError, QueryError, type Account } from '@provehouse/infra/clickhouse';

/**
 * What to do about errors of nodes none of which could be asked; the first kind that occurs
 * decides.
 */
export function adviceOn(errors: readonly unknown[], { user, token }: Account): string {
  const known = KINDS.find(({ is }) => errors.some(is));
  return known?.advice(token === undefined ? user : undefined) ?? UNKNOWN;
}

const UNKNOWN =
  'Look whether host and port are those of the HTTP interface (8123, or 8443 with TLS), and whether a firewall is between.';

interface Kind {
  is(error: unknown): boolean;
  /** @param user who asked; nobody who is known where it was a token */
  advice(user: string | undefined): string;
}

const hasCode =
  (...codes: readonly string[]) =>
  (error: unknown): boolean =>
    error instanceof QueryError && codes.includes(error.code ?? '');

const says =
  (words: RegExp) =>
  (error: unknown): boolean =>
    error instanceof Error && words.test(error.message);

/** Whether an answer came that is none of ClickHouse: without its code, or without the form of HTTP. */
function isOther(error: unknown): boolean {
  if (!(error instanceof QueryError) || error instanceof NoAnswerError) return false;
  return error.code === undefined || error.code.startsWith('HPE_');
}

const KINDS: readonly Kind[] = [
  {
    // UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, AUTHENTICATION_FAILED
    is: hasCode('192', '193', '194', '516'),
    advice: (user) =>
      user === undefined
        ? 'The token is refused: it may have expired, or the server knows nothing of who issued it.'
        : `The account ${user} is refused: correct --user, and its password in PROVEHOUSE_PASSWORD or --password-file.`,
  },
  {
    // DATABASE_ACCESS_DENIED, ACCESS_DENIED
    is: hasCode('291', '497'),
    advice: (user = 'of the token') =>
      `The account ${user} may not see how the cluster is made. Grant it at least: GRANT SELECT ON system.* TO ${user}; the tables that it is to judge besides.`,
  },
  {
    is: says(/wrong version number/),
    advice: () => 'The port speaks no TLS: use http:// or another port.',
  },
  {
    is: says(/self-signed certificate|unable to (?:verify|get)|CERT_|certificate has expired/i),
    advice: () =>
      'Its certificate is not trusted: name the certificates of who issued it with --ca.',
  },
  {
    is: says(/does not match certificate|ERR_TLS_CERT_ALTNAME/),
    advice: () => 'Its certificate is for another host: use the name that is in it.',
  },
  {
    is: says(/through the proxy/),
    advice: () =>
      'Look whether the proxy in HTTPS_PROXY or HTTP_PROXY runs and knows the login there, and whether it may go to that host and port; hosts that need none are named in NO_PROXY.',
  },
  {
    is: isOther,
    advice: () =>
      'Something answers there, but not as ClickHouse does: look whether it is another server or another port, or a gateway that needs a path or a token.',
  },
];
