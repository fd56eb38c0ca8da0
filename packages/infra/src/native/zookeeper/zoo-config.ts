import type { Address } from '../../clickhouse/config.ts';

/** zoo.cfg (https://zookeeper.apache.org/doc/current/zookeeperAdmin.html#sc_configuration). */
export function renderZookeeper(
  dataFolder: string,
  { host, port }: Address,
  members: readonly (readonly number[])[],
): string {
  return [
    // Half a second, so that a leader is found soon; sessions may last 20 ticks.
    'tickTime=500',
    'initLimit=20',
    'syncLimit=10',
    `dataDir=${dataFolder}`,
    `clientPort=${port}`,
    `clientPortAddress=${host}`,
    'maxClientCnxns=0',
    'autopurge.snapRetainCount=3',
    'autopurge.purgeInterval=1',
    'admin.enableServer=false',
    '4lw.commands.whitelist=mntr,srvr,ruok',
    ...members.map((ports, index) => `server.${index + 1}=${host}:${ports.join(':')}`),
    '',
  ].join('\n');
}
