import { isDeepStrictEqual } from 'node:util';
import { addressInside, firstOf } from '@provehouse/infra';
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
    'hang on a secret exist exactly when it does; the API shows no password. It does not log in with ' +
    'them: the tasks of the run did.',
  async run(context) {
    const wanted = Object.entries(context.contract.connections);
    if (wanted.length === 0) {
      const reason = 'The contract names no connections.';
      return [{ status: 'skipped', expected: 'connections', observed: 'none', reason }];
    }
    const found = await context.airflow.connections();
    return [
      ...wanted.map(([id, contract]) =>
        connectionFinding(
          id,
          contract,
          found.find((connection) => connection.id === id),
          context,
        ),
      ),
      maskFinding(found),
    ];
  },
};

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
    ...(contract.endpoint === undefined ? {} : { host: first.host, port: first.httpPort }),
    ...(contract.login === undefined ? {} : { login: secrets[contract.login], password: 'set' }),
    ...(contract.schema === undefined ? {} : { schema: contract.schema }),
    ...contract.extra,
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
