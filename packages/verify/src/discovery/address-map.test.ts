import { expect, test } from 'vitest';
import { AddressMapError, mapped, parseAddressMap } from './address-map.ts';

test('a host, or a port of it, is found where the mapping says', () => {
  const map = parseAddressMap(['ch-01:8123=127.0.0.1:18123', 'ch-02=tunnel', 'ch-03:8123=[::1]:1']);
  expect(mapped(map, 'ch-01', 8123)).toEqual({ host: '127.0.0.1', port: 18123 });
  expect(mapped(map, 'ch-01', 9000)).toBeUndefined();
  expect(mapped(map, 'ch-02', 9000)).toEqual({ host: 'tunnel', port: 9000 });
  expect(mapped(map, 'ch-03', 8123)).toEqual({ host: '::1', port: 1 });
});

test.each(['ch-01', 'ch-01=', '=127.0.0.1', 'a=b=c', 'a b=c', 'a:port=b'])(
  '%s is no mapping',
  (word) => {
    expect(() => parseAddressMap([word])).toThrow(AddressMapError);
  },
);
