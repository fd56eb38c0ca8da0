import { join } from 'node:path';
import type { FieldName, Secrets } from '@provehouse/secrets';
import type { ContainerPlan } from '../docker/container-plan.ts';
import { accountSql } from '../native/airflow-account.ts';
import { airflowTemplate } from '../native/airflow-template.ts';
import type { NativeProcess } from '../native/component.ts';
import { CONSUMERS, type Consumer } from '../runtime.ts';
import { dumpFile, SUPERSET_ROLE } from '../native/superset/database-dump.ts';
import { provideDatabase } from '../services/consumer-database.ts';
import {
  AIRFLOW_ROLE,
  asOrdinaryUser,
  askVersion,
  prepareDataFolder,
  query,
  type PostgresServer,
} from '../services/postgres.ts';
import { cacheFolder } from '../state/cache-folder.ts';
import type { DeploymentPart } from '../state/deployment.ts';
import { portOf } from '../system/ports.ts';
import { airflowAccount } from './airflow/native.ts';
import type { ContainerFiles, ContainerShape } from './container-side.ts';
import type { ComponentDescriptor } from './descriptor.ts';
import type { NativeContext } from './native-side.ts';
import { requiredSecret } from './required-secret.ts';
import { passwordSql } from './superset/account.ts';

const HOST = '127.0.0.1';
const PORTS = [{ name: 'postgres', preferred: 5432 }];

/** The databases of Airflow and of others that want one; of processes, its folder always has Airflow's. */
export const postgres: ComponentDescriptor = {
  name: 'postgres',
  kind: 'postgres',
  native: {
    isPart: ({ airflow, modules }) => airflow || modules.superset !== undefined,
    startOrder: 1,
    ports: () => PORTS,
    processes: (context) => [server(context)],
    describe: ({ plan, secrets }) => describe(portOf(plan, 'postgres'), secrets),
  },
  container: {
    isPart: (shape) => shape.airflow || consumersOf(shape).length > 0,
    images: ['postgres'],
    keepsData: true,
    ports: () => PORTS,
    secrets: (shape) => consumersOf(shape).map(passwordField),
    files,
    variables: ({ consumers }) => ({ postgres_consumers: consumers }),
    describe: async ({ plan, secrets }) =>
      plan.airflow || CONSUMERS.some((consumer) => isModule(plan, consumer))
        ? describe(portOf(plan, 'postgres'), secrets)
        : {},
  },
};

function server(context: NativeContext): NativeProcess {
  const { folder, plan, secrets, programs } = context;
  const port = portOf(plan, 'postgres');
  const dataFolder = join(folder.data, 'postgres');
  const airflowSql = async (): Promise<string> =>
    accountSql(secrets, (await airflowAccount(context)).password_hash);
  return {
    name: 'postgres',
    command: asOrdinaryUser([join(programs.postgres, 'postgres'), '-D', dataFolder]),
    // SIGTERM would wait until every client has gone.
    stopSignal: 'INT',
    address: `${HOST}:${port}`,
    budgetSeconds: 60,
    async prepare() {
      // Needed once the server answers; asked for now, because it takes as long as the server's start.
      if (plan.airflow) airflowSql().catch(() => undefined);
      const template = (): Promise<string> =>
        airflowTemplate({
          python: programs.python,
          programs: programs.postgres,
          lockFile: programs.lockFile,
          cache: cacheFolder(process.env),
          onBuild: () =>
            context.message("Migrating Airflow's database; later starts take it from the cache."),
        });
      await prepareDataFolder({
        ...{ folder: dataFolder, programs: programs.postgres, port, secrets, template },
      });
    },
    async probe() {
      await query({ port, secrets }, 'postgres', 'SELECT 1');
    },
    async provision() {
      const place = { port, secrets };
      if (plan.airflow) await query(place, AIRFLOW_ROLE, await airflowSql());
      if (plan.modules.superset !== undefined) await provideSupersetDatabase(context, place);
    },
  };
}

/** A database of Superset's own, migrated, with the administrator of this platform. */
async function provideSupersetDatabase(
  { programs }: NativeContext,
  place: PostgresServer,
): Promise<void> {
  await provideDatabase(place, {
    name: SUPERSET_ROLE,
    password: requiredSecret(place.secrets, 'superset_database_password'),
    dump: await dumpFile(cacheFolder(process.env)),
    programs: programs.postgres,
  });
  await query(place, SUPERSET_ROLE, passwordSql(place.secrets));
  await query(place, AIRFLOW_ROLE, `REVOKE CONNECT ON DATABASE ${AIRFLOW_ROLE} FROM PUBLIC`);
}

const describe = async (port: number, secrets: Secrets): Promise<DeploymentPart> => ({
  postgres: { host: HOST, port, version: await askVersion({ port, secrets }) },
});

/** Who has a database besides Airflow in containers; modules that keep theirs there are among them. */
const consumersOf = (shape: ContainerShape): readonly Consumer[] => [
  ...new Set([...shape.consumers, ...CONSUMERS.filter((consumer) => isModule(shape, consumer))]),
];

/** Whether a platform has that program itself; Metabase is left out where its image cannot be had. */
const isModule = (
  { modules, unavailable }: Pick<ContainerShape, 'modules' | 'unavailable'>,
  consumer: Consumer,
): boolean => modules.includes(consumer) && unavailable?.[consumer] === undefined;

/** The password of each account in a file of its own. */
function files(plan: ContainerPlan, secrets: Secrets): ContainerFiles {
  const passwords = [
    ...(plan.airflow ? [['airflow', secrets.airflow_database_password] as const] : []),
    ...consumersOf(plan).map(
      (consumer) => [consumer, consumerPassword(secrets, consumer)] as const,
    ),
  ];
  return {
    'postgres/superuser.password': secrets.postgres_password,
    ...Object.fromEntries(
      passwords.map(([consumer, password]) => [`postgres/${consumer}.password`, password]),
    ),
  };
}

const passwordField = (consumer: Consumer) =>
  `${consumer}_database_password` as const satisfies FieldName;

/** The password of a consumer's database. @throws RangeError when none was made for it */
function consumerPassword(secrets: Secrets, consumer: Consumer): string {
  const password = secrets[passwordField(consumer)];
  if (password === undefined) throw new RangeError(`${consumer} has no password yet`);
  return password;
}
