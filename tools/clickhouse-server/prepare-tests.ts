import { findServer, findZookeeper } from '@provehouse/infra';
import { DebianPackagesError, installDebianPackages } from '../container-engine/debian-packages.ts';

/**
 * Provides a ClickHouse server with coordination for the tests of replication; without one these tests
 * say why they are skipped.
 */
const SERVER = 'clickhouse-server';
const COORDINATION = ['libzookeeper-java', 'default-jre-headless'];

const progress = (message: string): boolean => process.stderr.write(`${message}\n`);

try {
  const found = await findServer(process.env);
  if (found === undefined) {
    await installDebianPackages([SERVER, ...COORDINATION], { progress });
  } else if (found.keeper === undefined && (await findZookeeper(process.env)) === undefined) {
    await installDebianPackages(COORDINATION, { progress });
  }
} catch (error) {
  if (!(error instanceof DebianPackagesError)) throw error;
  progress(`NO CLICKHOUSE SERVER: tests of replication will be skipped. ${error.message}`);
}
