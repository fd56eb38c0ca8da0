import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../../system/exists.ts';
import { findOnPath } from '../../system/find-on-path.ts';

const JARS = '/usr/share/java';

/** What ZooKeeper 3.8 needs of the packages that Debian's libzookeeper-java depends on. */
const NEEDED =
  /^(zookeeper|zookeeper-jute|slf4j-api|slf4j-log4j12|log4j-1\.2|metrics-core|snappy-java|netty-.*|jackson-(core|databind|annotations)|commons-(cli|io|lang3?|logging))\.jar$/;

/** The command that starts a ZooKeeper of Debian's libzookeeper-java, if it and Java are installed. */
export async function findZookeeper(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[] | undefined> {
  const java = await findOnPath('java', environment);
  if (java === undefined || !(await exists(join(JARS, 'zookeeper.jar')))) return undefined;
  const jars = (await readdir(JARS)).filter((name) => NEEDED.test(name)).sort();
  return [
    java,
    '-Xmx256m',
    // It is to serve soon, not to run for months.
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Xshare:auto',
    '-Dzookeeper.jmx.log4j.disable=true',
    `-Dlog4j.configuration=file:${join(import.meta.dirname, 'zookeeper-log.properties')}`,
    '-classpath',
    jars.map((name) => join(JARS, name)).join(':'),
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
  ];
}
