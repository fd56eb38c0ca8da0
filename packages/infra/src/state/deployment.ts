import { z } from 'zod';
import { repetitionsOf } from './deployment-issues.ts';
import {
  apiSchema,
  kafkaSchema,
  monitoringSchema,
  portSchema as port,
  storageSchema,
  metabaseSchema,
  supersetSchema,
} from './deployment-modules.ts';
import { hostSchema } from './host.ts';

const addressSchema = z.strictObject({
  host: hostSchema,
  httpPort: port,
  nativePort: port,
});

/** How a node is reached that speaks TLS, HTTP and native protocol alike. */
const tlsSchema = z.strictObject({
  /**
   * File with the certificates that are trusted, besides those that Node.js trusts; counts from the
   * deployment file.
   */
  caFile: z.string().min(1).optional(),
  /** The client's own certificate and its key. */
  certificateFile: z.string().min(1).optional(),
  keyFile: z.string().min(1).optional(),
  /** Set where the node's certificate is not looked at: anybody may be at its address. */
  insecure: z.literal(true).optional(),
});

const nodeSchema = addressSchema.extend({
  name: z.string().min(1),
  /** The macros `shard` and `replica` of the node, such as `01` and `dwh-05-01-1`. */
  shard: z.string().min(1),
  replica: z.string().min(1),
  /** Where replicas fetch parts from it, if it has replicated tables. */
  interserverPort: port.optional(),
  /** Where the other nodes and Airflow reach it, if that is not where this machine does. */
  inside: addressSchema.optional(),
  /** Set where its native port is not known to be reached at this address: nobody logs in there. */
  nativePortUnknown: z.literal(true).optional(),
  /** Set where its ports speak TLS. */
  tls: tlsSchema.optional(),
  /** What stands before the HTTP interface at its address, such as `/clickhouse` of a gateway. */
  path: z
    .string()
    .regex(/^(?:\/[^/?#\s]+)+$/, { error: 'expected a path such as /clickhouse' })
    .optional(),
  /**
   * Set where several nodes are behind its address, as behind a load balancer: the name that the node
   * gives itself (`display_name`), by which its answers are known.
   */
  answersAs: z.string().min(1).optional(),
});

const capabilitiesSchema = z.strictObject({
  /**
   * How replicas get the same rows: the tables replicate themselves, a Distributed table writes to
   * all, or all nodes read the same parts from storage that they share (SharedMergeTree).
   */
  replication: z.enum(['keeper', 'distributed-writes', 'shared']),
  /** Whether `ON CLUSTER` works. */
  distributedDdl: z.boolean(),
  /** Whether `EXCHANGE TABLES` and `{uuid}` work, as they do in Atomic databases. */
  exchangeTables: z.boolean().default(true),
  /**
   * Whether the database is Replicated: what defines its tables is given to any one node, without
   * `ON CLUSTER`, and the server chooses the tables' paths.
   */
  replicatedDatabase: z.boolean().default(false),
  /** Whether users can be made with `CREATE USER`. */
  sqlUsers: z.boolean(),
});

const coordinationSchema = z.strictObject({
  kind: z.enum(['keeper', 'zookeeper', 'existing']),
  servers: z
    .array(z.strictObject({ name: z.string().min(1).optional(), host: hostSchema, port }))
    .min(1),
  /** Path of the queue of `ON CLUSTER` statements. */
  ddlQueue: z.string().startsWith('/'),
  /** Time after which a silent node is taken for gone. */
  sessionTimeoutMs: z.int().positive(),
});

const clickhouseSchema = z.strictObject({
  cluster: z.string().min(1),
  database: z.string().min(1),
  internalReplication: z.boolean(),
  nodes: z
    .array(nodeSchema)
    .min(1)
    .superRefine((nodes, context) => {
      for (const { index, field, message } of repetitionsOf(nodes)) {
        context.addIssue({ code: 'custom', message, path: [index, field] });
      }
    }),
  /** Version as `version()` gives it. */
  version: z.string().min(1),
  capabilities: capabilitiesSchema,
  /**
   * How it comes that replicas replicate, or why they do not, where servers would need no word for
   * it.
   */
  replicationNote: z.string().min(1).optional(),
  /** Its Keepers or ZooKeepers, as this machine reaches them. */
  coordination: coordinationSchema.optional(),
  users: z.strictObject({ administrator: z.string().min(1), reader: z.string().min(1).optional() }),
});

const airflowSchema = z.strictObject({
  url: z.url(),
  user: z.string().min(1),
  version: z.string().min(1),
  executor: z.string().min(1),
  flower: z.strictObject({ url: z.url(), user: z.string().min(1), version: z.string().min(1) }),
  dagsFolder: z.string().min(1),
});

const serviceSchema = z.strictObject({ host: z.string(), port, version: z.string().min(1) });

const componentSchema = z.strictObject({
  name: z.string().min(1),
  /**
   * What it is: `clickhouse`, `coordination`, `postgres`, … as the descriptors of `components/`
   * say.
   */
  kind: z.string().regex(/^[a-z][a-z-]*$/),
  address: z.string().optional(),
  /** File with its output. */
  log: z.string().optional(),
  /** Name of the container that it runs in; its output is in the engine. */
  container: z.string().optional(),
});

/** What `.provehouse/<name>/deployment.json` holds: everything verification may know of a platform. */
export const deploymentSchema = z.strictObject({
  formatVersion: z.literal(1),
  name: z.string().min(1),
  runtime: z.enum(['native', 'docker', 'external']),
  engine: z.enum(['chdb', 'server']),
  createdAt: z.iso.datetime(),
  clickhouse: clickhouseSchema,
  airflow: airflowSchema.optional(),
  postgres: serviceSchema.optional(),
  redis: serviceSchema.optional(),
  kafka: kafkaSchema.optional(),
  storage: storageSchema.optional(),
  api: apiSchema.optional(),
  monitoring: monitoringSchema.optional(),
  superset: supersetSchema.optional(),
  metabase: metabaseSchema.optional(),
  components: z.array(componentSchema),
  /** The dotenv file with the secrets; no secret is in the deployment itself. */
  secretsFile: z.string().min(1),
  /** Folder of the components' logs and folder of the task logs, for the search for leaked secrets. */
  logFolders: z.array(z.string()),
  /** Folder of the task logs inside a container. */
  containerLogs: z.strictObject({ container: z.string(), folder: z.string() }).optional(),
  /** Components that the platform goes without although it was asked for them, and why. */
  leftOut: z.record(z.string(), z.string()).optional(),
  /** Images that are not those which teams run, and what they are instead. */
  standIns: z.record(z.string(), z.string()).optional(),
});

export type Deployment = z.infer<typeof deploymentSchema>;

/** What one component adds to a deployment. */
export type DeploymentPart = Partial<
  Pick<
    Deployment,
    | 'clickhouse'
    | 'airflow'
    | 'postgres'
    | 'redis'
    | 'kafka'
    | 'storage'
    | 'api'
    | 'monitoring'
    | 'superset'
    | 'metabase'
    | 'containerLogs'
  >
>;
export type ClickHouseNode = z.infer<typeof nodeSchema>;
/** How a node is reached that speaks TLS. */
export type NodeTls = z.infer<typeof tlsSchema>;
export type Capabilities = z.infer<typeof capabilitiesSchema>;

/** The first node; every topology has one. @throws RangeError for a list without nodes */
export function firstOf(nodes: readonly ClickHouseNode[]): ClickHouseNode {
  const [first] = nodes;
  if (first === undefined) throw new RangeError('a topology has one node at least');
  return first;
}

/** The address by which the other nodes and Airflow reach a node. */
export const addressInside = ({
  host,
  httpPort,
  nativePort,
  inside,
}: ClickHouseNode): z.infer<typeof addressSchema> => inside ?? { host, httpPort, nativePort };

/** The address by which tasks and nodes reach a service. */
export const placeInsideOf = ({
  host,
  port: number,
  inside,
}: Pick<NonNullable<Deployment['kafka']>, 'host' | 'port' | 'inside'>): {
  readonly host: string;
  readonly port: number;
} => inside ?? { host, port: number };
