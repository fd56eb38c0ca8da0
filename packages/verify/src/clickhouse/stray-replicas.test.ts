import { expect, test } from 'vitest';
import { strayAdvice } from './stray-replicas.ts';

const replica = { zookeeper_path: '/clickhouse/tables/01/t' };

test('one that is gone is dropped by its name, and by its path where servers have no statement', () => {
  expect(strayAdvice('`shop`.`t`', replica, [{ name: "it's", active: false }])).toBe(
    "If the server of it's does not come back: SYSTEM DROP REPLICA 'it\\'s' FROM TABLE `shop`.`t` on one of the others (servers without it: remove /clickhouse/tables/01/t/replicas/it's from coordination).",
  );
});

test('one that a server holds is not dropped', () => {
  const advice = strayAdvice('t', replica, [{ name: '03', active: true }]);
  expect(advice).toMatch(/^03 is held by a server/);
  expect(advice).not.toContain('SYSTEM DROP REPLICA');
});
