import type { ClusterCheck } from '../check.ts';
import { nativeLogin } from '../clickhouse/native-login.ts';
import { tryLogins } from './logins.ts';

export const nativeAccess: ClusterCheck = {
  name: 'native-access',
  title: 'Only known accounts can log in over the native port, with their passwords',
  scope: 'cluster',
  independentOfRun: true,
  security: true,
  proves: 'The same as access, for the native port of every node.',
  run: (context) => tryLogins(context, ({ node }, account) => nativeLogin(node, account)),
};
