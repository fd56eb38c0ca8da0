import { expect, it } from 'vitest';
import { assignAddresses, ClusterNetworkError } from './cluster-network.ts';

it.each([
  ['172.20.0.0/16', '172.20.0.10', '172.20.0.11'],
  ['192.168.160.0/20', '192.168.160.10', '192.168.160.11'],
  ['10.0.255.240/28', '10.0.255.250', '10.0.255.251'],
])('members get addresses of their own in %s', (subnet, first, second) => {
  expect([...assignAddresses(subnet, ['a', 'b'])]).toEqual([
    ['a', first],
    ['b', second],
  ]);
});

it.each(['10.0.0.0/29', 'fd00::/64'])('refuses %s, which has no room for them', (subnet) => {
  expect(() => assignAddresses(subnet, ['a', 'b'])).toThrow(ClusterNetworkError);
  expect(() => assignAddresses(subnet, ['a', 'b'])).toThrow(`${subnet} has no room for 2 members`);
});
