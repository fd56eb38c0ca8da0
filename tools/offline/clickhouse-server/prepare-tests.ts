import { findServer } from '@provehouse/infra';
import { DebianPackagesError, installDebianPackages } from '../container-engine/debian-packages.ts';

/**
 * Provides a ClickHouse server for the tests of old servers; without one these tests say why they are
 * skipped. Its ZooKeepers come from the project's own packages.
 */
const progress = (message: string): boolean => process.stderr.write(`${message}\n`);

try {
  if ((await findServer(process.env)) === undefined) {
    await installDebianPackages(['clickhouse-server'], { progress });
  }
} catch (error) {
  if (!(error instanceof DebianPackagesError)) throw error;
  progress(`NO CLICKHOUSE SERVER: tests of old servers will be skipped. ${error.message}`);
}
