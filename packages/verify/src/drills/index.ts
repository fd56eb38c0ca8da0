import { breakDagFile } from './airflow/break-dag-file.ts';
import { killScheduler } from './airflow/kill-scheduler.ts';
import { killWorker } from './airflow/kill-worker.ts';
import { restartApiServer } from './airflow/restart-api-server.ts';
import { restartBroker } from './airflow/restart-broker.ts';
import { restartDatabase } from './airflow/restart-database.ts';
import { alertFires } from './clickhouse/alert-fires.ts';
import { ddlWhileDown } from './clickhouse/ddl-while-down.ts';
import { emptyReplica } from './clickhouse/empty-replica.ts';
import { freezeReplica } from './clickhouse/freeze-replica.ts';
import { killReplica } from './clickhouse/kill-replica.ts';
import { restoreBackupDrill } from './clickhouse/restore-backup.ts';
import { restartAllNodes } from './clickhouse/restart-all-nodes.ts';
import { stopReplica } from './clickhouse/stop-replica.ts';
import { stopShard } from './clickhouse/stop-shard.ts';
import { commitThenKill } from './coordination/commit-then-kill.ts';
import { expireSessions } from './coordination/expire-sessions.ts';
import { killLeader } from './coordination/kill-leader.ts';
import { loseOneCoordinator } from './coordination/lose-one-coordinator.ts';
import { loseQuorum } from './coordination/lose-quorum.ts';
import { fillDisk } from './disk/fill-disk.ts';
import { cutOffFromBoth, cutOffFromCoordination, cutOffFromPeer } from './network/cut-off.ts';
import { killInsert } from './network/kill-insert.ts';
import { killConsumer } from './stream/kill-consumer.ts';
import { killKafka } from './stream/kill-kafka.ts';
import { poisonMessage } from './stream/poison-message.ts';
import type { Drill } from './drill.ts';

/** All drills, in the order in which they are run: what is broken grows. */
export const drills: readonly Drill[] = [
  stopReplica,
  alertFires,
  killReplica,
  ddlWhileDown,
  freezeReplica,
  emptyReplica,
  stopShard,
  restartAllNodes,
  restoreBackupDrill,
  loseOneCoordinator,
  killLeader,
  loseQuorum,
  expireSessions,
  commitThenKill,
  cutOffFromPeer,
  cutOffFromCoordination,
  cutOffFromBoth,
  killInsert,
  fillDisk,
  killWorker,
  killScheduler,
  restartBroker,
  restartDatabase,
  restartApiServer,
  breakDagFile,
  poisonMessage,
  killKafka,
  killConsumer,
];
