import type { Address } from '../../clickhouse/config.ts';
import { LONGEST_PART_BYTES } from '../../clickhouse/storage.ts';
import { renderProperties } from '../jars/java-properties.ts';

/** The longest content that is signed, in bytes; longer ones go in parts, or with a content that is not signed. */
export const LONGEST_SIGNED_BYTES = LONGEST_PART_BYTES;

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
    // Whoever serves a request holds its signed content in memory, for a moment twice, until the signature
    // is known to be right: the memory in java.options is for the five of these that serve.
    's3proxy.jetty.max-threads': 7,
    's3proxy.v4-max-non-chunked-request-size': LONGEST_SIGNED_BYTES,
    'jclouds.provider': 'filesystem-nio2',
    'jclouds.filesystem.basedir': dataFolder,
  });
