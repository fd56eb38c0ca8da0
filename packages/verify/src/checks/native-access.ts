import type { ClusterCheck } from '../check.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { nativeLogin } from '../clickhouse/native-login.ts';
import type { Finding } from '../verdict.ts';
import { tryLogins } from './logins.ts';

export const nativeAccess: ClusterCheck = {
  name: 'native-access',
  title: 'Only known accounts can log in over the native port, with their passwords',
  scope: 'cluster',
  independentOfRun: true,
  security: true,
  proves: 'The same as access, for the native port of every node.',
  async run(context) {
    const { nodes } = context.cluster;
    const cluster = { ...context.cluster, nodes: nodes.filter((one) => !isUnknown(one)) };
    const tried = await tryLogins({ ...context, cluster }, ({ node }, account) =>
      nativeLogin(node, account),
    );
    return [...tried, ...nodes.filter(isUnknown).map(notTried)];
  },
};

const isUnknown = ({ node }: NodeClient): boolean => node.nativePortUnknown === true;

const notTried = ({ node }: NodeClient): Finding => ({
  status: 'skipped',
  node: node.name,
  expected: 'its native port',
  observed: `reached at ${node.host}:${node.httpPort}, which is not the address that the cluster has`,
  reason:
    'Where its native port is from here is not known: say so with --map host:9000=host:port, or set nativePort in the deployment file and take nativePortUnknown out.',
});
