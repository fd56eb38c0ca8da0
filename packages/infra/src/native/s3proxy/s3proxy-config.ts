import type { Address } from '../../clickhouse/config.ts';
import { renderProperties } from '../jars/java-properties.ts';

export interface S3ProxyOptions {
  readonly listen: Address;
  /** Folder whose folders are the buckets. */
  readonly dataFolder: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/**
 * The configuration of an S3 server that keeps its objects as files:
 * https://github.com/gaul/s3proxy/wiki/Storage-backend-examples
 */
export const renderS3Proxy = ({
  listen,
  dataFolder,
  accessKey,
  secretKey,
}: S3ProxyOptions): string =>
  renderProperties({
    's3proxy.endpoint': `http://${listen.host}:${listen.port}`,
    // Without a signature, and with one of version 2, nobody is answered.
    's3proxy.authorization': 'aws-v4',
    's3proxy.identity': accessKey,
    's3proxy.credential': secretKey,
    // Each holds a signed part in memory while it looks whether the signature is right.
    's3proxy.jetty.max-threads': 24,
    'jclouds.provider': 'filesystem-nio2',
    'jclouds.filesystem.basedir': dataFolder,
  });
