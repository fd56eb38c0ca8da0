import { LITERAL } from './sql-tokens.ts';

/** Words after which a password, a key or a token stands. */
const NAMED = RegExp(
  String.raw`(\b\w*(?:password|secret|access_key|account_key|token|credential)\w*\s*(?:=|\()?\s*)${LITERAL}`,
  'gi',
);

/** User and password in an address. */
const IN_ADDRESS = /:\/\/[^/'@\s]+@/g;

/**
 * Engines and table functions that are given credentials among their arguments; the first argument is
 * an address or a name. See `FunctionSecretArgumentsFinder` in ClickHouse's sources.
 */
const EXTERNAL = RegExp(
  String.raw`(\b(?:Materialized)?(?:MySQL|PostgreSQL|MongoDB|Redis|RabbitMQ|NATS|S3|S3Queue|S3Cluster|COSN|OSS|GCS|AzureBlobStorage|AzureBlobStorageCluster|AzureQueue|DeltaLake|Hudi|Iceberg\w*|remote|remoteSecure)\(${LITERAL})((?:\s*,\s*(?:${LITERAL}|[^,()']+))*)`,
  'gi',
);

/**
 * A definition in which what may be a password, a key or a token is not shown. Servers from 23.1 on
 * hide them themselves; older ones do not.
 */
export const withoutCredentials = (definition: string): string =>
  definition
    .replaceAll(IN_ADDRESS, '://…@')
    .replaceAll(NAMED, "$1'…'")
    .replaceAll(
      EXTERNAL,
      (_, start: string, rest: string) => `${start}${rest.replaceAll(RegExp(LITERAL, 'g'), "'…'")}`,
    );
