import { ProvehouseError } from '@provehouse/secrets';

/** Thrown for a mapping of addresses that is not one. */
export class AddressMapError extends ProvehouseError {
  override readonly name = 'AddressMapError';
}

/**
 * Where hosts of a cluster are reached from here, by `host` or `host:port`; values are `host` or
 * `host:port`.
 */
export type AddressMap = ReadonlyMap<string, string>;

const ADDRESS = /^(?:\[[^\]]+\]|[^:=\s]+)(?::\d{1,5})?$/;

/**
 * The mapping in words such as `clickhouse-01:8123=127.0.0.1:18123`, for tunnels and port-forwards.
 * @throws AddressMapError
 */
export function parseAddressMap(words: readonly string[]): AddressMap {
  return new Map(
    words.map((word) => {
      const [from = '', to = '', ...rest] = word.split('=');
      if (!ADDRESS.test(from) || !ADDRESS.test(to) || rest.length > 0) {
        throw new AddressMapError(
          `Expected --map host:port=host:port, such as clickhouse-01:8123=127.0.0.1:18123, found ${word}.`,
        );
      }
      return [from, to];
    }),
  );
}

/** Where `host:port` is reached from here, if the mapping says so. */
export function mapped(
  map: AddressMap,
  host: string,
  port: number,
): { readonly host: string; readonly port: number } | undefined {
  const to = map.get(`${host}:${port}`) ?? map.get(host);
  if (to === undefined) return undefined;
  const [, name = to, own] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(to) ?? [];
  return { host: name.replace(/^\[(.*)\]$/, '$1'), port: own === undefined ? port : Number(own) };
}
