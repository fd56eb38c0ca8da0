import type { ClusterCheck } from '../check.ts';
import { nativeLogin } from '../clickhouse/native-login.ts';
import { tryLogins } from './logins.ts';

export const nativeAccess: ClusterCheck = {
  name: 'native-access',
  title: 'Over the native port the known accounts get in, with their passwords alone',
  scope: 'cluster',
  proves: 'The same as access, for the native port of every node.',
  async run(context) {
    if (context.deployment.engine === 'chdb') {
      return [
        {
          status: 'skipped',
          expected: 'refusals on the native port as over HTTP',
          observed: 'not tried',
          reason:
            'The embedded engine refuses a native login and then ends itself, so that trying would ' +
            'take the node down. A ClickHouse server does not.',
        },
      ];
    }
    return tryLogins(context, ({ node }, account) => nativeLogin(node, account));
  },
};
