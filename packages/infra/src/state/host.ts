import { isIPv6 } from 'node:net';
import { z } from 'zod';

/** Names and addresses of hosts: https://datatracker.ietf.org/doc/html/rfc1123#section-2.1, and `_` as in containers. */
const NAME = /^[\p{L}\p{N}_]([\p{L}\p{N}_.-]*[\p{L}\p{N}_.])?$/u;

/** A host as deployments name it: a name or an address, and nothing of a URL around it. */
export const hostSchema = z.string().refine((host) => NAME.test(host) || isIPv6(host), {
  error:
    'expected the name or the address of a host alone, such as clickhouse-01, 10.0.0.5 or ::1, without http://, brackets or a port',
});
