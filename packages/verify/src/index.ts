export type {
  Check,
  ClusterCheck,
  ClusterContext,
  PlatformCheck,
  PlatformContext,
  RunlessCheck,
  RunlessContext,
} from './check.ts';
export { exitCodeOf, overall, runCheck, runChecks, selectChecks } from './check-run.ts';
export { clusterChecks } from './checks/index.ts';
export { platformChecks } from './checks/platform.ts';
export { QueryError } from '@provehouse/infra/clickhouse';
export type { Cluster, NodeClient } from './clickhouse/cluster.ts';
export { connectCluster } from './clickhouse/connect-cluster.ts';
export { type Contract } from './contract/contract.ts';
export { contractJsonSchema } from './contract/json-schema.ts';
export { ContractError, parseContract, readContract } from './contract/read-contract.ts';
export { drills } from './drills/index.ts';
export { OUTPUTS, writeOutput, type Output } from './output/outputs.ts';
export { verifiedRunJsonSchema, verifiedRunSchema } from './run-schema.ts';
export { worst, type Evidence, type Finding, type Status, type Verdict } from './verdict.ts';
export type { VerifiedNode, VerifiedRun } from './verified-run.ts';
