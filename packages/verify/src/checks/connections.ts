import { isDeepStrictEqual } from 'node:util';
import { addressInside, firstOf, placeInsideOf, type Deployment } from '@provehouse/infra';
import type { Connection } from '@provehouse/infra/airflow';
import type { RunlessCheck, RunlessContext } from '../check.ts';
import type { ConnectionContract } from '../contract/contract.ts';
import type { Finding } from '../verdict.ts';

/** The connections that the contract asks for exist and point at this platform. */
export const connections: RunlessCheck = {
  name: 'connections',
  title: "Airflow's connections lead to this platform",
  scope: 'platform',
  independentOfRun: true,
  proves:
    'Each connection of the contract has the right type, host, port, login, schema and extra; those that ' +
    'hang on a secret exist exactly when it does; the API shows no password. Those that lead to a part of ' +
    "this platform are tried by Airflow's own hook, which logs in with them; those of a bucket and of the " +
    'API are not, as it would ask AWS, or without the token.',
  async run(context) {
    const wanted = Object.entries(context.contract.connections);
    if (wanted.length === 0) {
      const reason = 'The contract names no connections.';
      return [{ status: 'skipped', expected: 'connections', observed: 'none', reason }];
    }
    const found = await context.airflow.connections();
    const led = wanted.filter(([, contract]) => leadsHere(contract, context));
    const tried = led.map(([id, { type }]) => loginFinding({ id, type }, context));
    return [
      ...wanted.map(([id, contract]) =>
        connectionFinding(
          id,
          contract,
          found.find((connection) => connection.id === id),
          context,
        ),
      ),
      ...(await Promise.all(tried)),
      maskFinding(found),
    ];
  },
};

/** Whether the platform has what the connection is to lead to. */
const leadsHere = (
  { endpoint, onlyWith }: ConnectionContract,
  { deployment: { kafka, api, storage }, secrets }: RunlessContext,
): boolean =>
  (endpoint === 'clickhouse' ||
    (endpoint === 'kafka' && kafka !== undefined) ||
    (endpoint === 'api' && api !== undefined) ||
    (endpoint === 'storage' && storage !== undefined)) &&
  (onlyWith === undefined || secrets[onlyWith] !== undefined);

/** Types whose hooks try something else than what tasks do, and what that is. */
const OTHERWISE_TRIED: Readonly<Record<string, string>> = {
  aws: 'asks the token service of AWS, which is no part of a bucket; a run shows whether the keys are taken.',
  http: 'asks for the root of the server, without the token; a run shows whether that is taken.',
};

/** How Airflow says that it knows no such type. */
const NO_HOOK = 'Unknown hook type';

/** What Airflow's hook finds. */
async function loginFinding(
  connection: Pick<Connection, 'id' | 'type'>,
  { airflow }: RunlessContext,
): Promise<Finding> {
  const subject = `${connection.id}, tried by its hook`;
  const expected = "Airflow's hook logs in";
  const otherwise = OTHERWISE_TRIED[connection.type];
  if (otherwise !== undefined) {
    const reason = `Airflow's hook for this type ${otherwise}`;
    return { status: 'skipped', subject, expected, observed: 'not tried', reason };
  }
  const answer = await airflow.testConnection(connection);
  if (answer === undefined) {
    const reason =
      'Airflow refuses to try it: its setting core.test_connection is not Enabled, or the account may not.';
    return { status: 'skipped', subject, expected, observed: 'not tried', reason };
  }
  const { works, message } = answer;
  if (message.startsWith(NO_HOOK)) {
    const reason = `Airflow has no provider for the type ${connection.type}, and so no hook to try it with.`;
    return { status: 'skipped', subject, expected, observed: 'not tried', reason };
  }
  return { status: works ? 'passed' : 'failed', subject, expected, observed: message };
}

function connectionFinding(
  id: string,
  contract: ConnectionContract,
  found: Connection | undefined,
  { deployment, secrets }: RunlessContext,
): Finding {
  const { onlyWith } = contract;
  if (onlyWith !== undefined && secrets[onlyWith] === undefined) {
    return {
      status: found === undefined ? 'passed' : 'failed',
      subject: id,
      expected: `absent, because there is no ${onlyWith}`,
      observed: found === undefined ? 'absent' : 'it exists',
    };
  }
  const first = addressInside(firstOf(deployment.clickhouse.nodes));
  const wanted: Record<string, unknown> = {
    type: contract.type,
    ...(contract.endpoint !== 'clickhouse' ? {} : { host: first.host, port: first.httpPort }),
    ...(contract.login === undefined ? {} : { login: secrets[contract.login], password: 'set' }),
    ...(contract.schema === undefined ? {} : { schema: contract.schema }),
    ...contract.extra,
    ...(contract.endpoint === 'kafka' && deployment.kafka && kafkaExtra(deployment.kafka)),
    ...(contract.endpoint === 'api' &&
      deployment.api && { ...placeInsideOf(deployment.api), password: 'set' }),
    ...(contract.endpoint === 'storage' && deployment.storage && bucketFields(deployment.storage)),
  };
  if (found === undefined) {
    return { status: 'failed', subject: id, expected: shown(wanted), observed: 'absent' };
  }
  const given: Record<string, unknown> = {
    ...extraOf(found),
    ...found,
    password: found.password == null ? 'not set' : 'set',
  };
  const observed = Object.fromEntries(Object.keys(wanted).map((name) => [name, given[name]]));
  return {
    status: isDeepStrictEqual(wanted, observed) ? 'passed' : 'failed',
    subject: id,
    expected: shown(wanted),
    observed: shown(observed),
  };
}

/** What leads to a broker, besides the password. */
function kafkaExtra(kafka: NonNullable<Deployment['kafka']>) {
  const { host, port } = placeInsideOf(kafka);
  return { 'bootstrap.servers': `${host}:${port}`, 'sasl.username': kafka.user };
}

/** What leads to a bucket. */
function bucketFields(storage: NonNullable<Deployment['storage']>) {
  const { inside, endpoint, region, bucket, prefix, user } = storage;
  return {
    ...{ login: user, password: 'set', endpoint_url: inside?.endpoint ?? endpoint },
    ...{ region_name: region },
    service_config: { s3: { bucket_name: bucket, ...(prefix !== undefined && { prefix }) } },
  };
}

function extraOf({ extra }: Connection): object {
  if (extra == null || extra === '') return {};
  try {
    const parsed: unknown = JSON.parse(extra);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return { extra: 'not JSON' };
  }
}

const shown = (fields: Readonly<Record<string, unknown>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');

function maskFinding(found: readonly Connection[]): Finding {
  const open = found.filter(({ password }) => password != null && !/^\**$/.test(password));
  return {
    status: open.length === 0 ? 'passed' : 'failed',
    subject: 'passwords',
    expected: 'masked by the API',
    observed: open.length === 0 ? 'masked' : `readable: ${open.map(({ id }) => id).join(', ')}`,
    evidence: [
      {
        title: 'Connections',
        columns: ['connection', 'type', 'host', 'port', 'login', 'schema'],
        rows: found.map(({ id, type, host, port, login, schema }) => [
          ...[id, type, host ?? null, port ?? null, login ?? null, schema ?? null],
        ]),
      },
    ],
  };
}
