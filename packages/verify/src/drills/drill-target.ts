import type { BackupPlace, Deployment, Runtime, TopicClient } from '@provehouse/infra';
import type { AirflowClient } from '@provehouse/infra/airflow';
import type { Account } from '@provehouse/infra/clickhouse';
import type { Cluster } from '../clickhouse/cluster.ts';
import type { Contract } from '../contract/contract.ts';

/** A platform that may be broken. */
export interface DrillTarget {
  readonly deployment: Deployment;
  readonly contract: Contract;
  /** ClickHouse's administrator. */
  readonly account: Account;
  readonly cluster: Cluster;
  readonly runtime: Runtime;
  readonly airflow?: AirflowClient;
  /** The topics of Kafka. */
  readonly topics?: TopicClient;
  /** Opens the place of backups, where there is a bucket for them. @throws BackupError */
  readonly backups?: () => Promise<BackupPlace>;
}
