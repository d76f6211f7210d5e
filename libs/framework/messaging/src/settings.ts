import {
  connectionUrl,
  credentials,
  defineSettings,
  duration,
  integer,
  size,
  variable,
  type Credentials,
  type Fragment,
  type Secret,
} from '@org/config';
import type { BrokerAdapter } from './transport.ts';

/** Which broker to use, and what may be asked of it. */
export interface BrokerSettings {
  /** Its protocol picks the adapter. */
  readonly url: Secret<string>;
  readonly credentials: Secret<Credentials> | undefined;
  /** How long the first connection may take, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** How long publishing waits for the broker, in milliseconds. */
  readonly publishTimeoutMs: number;
  /** How many messages may wait for the broker's confirmation at a time. */
  readonly publishConcurrency: number;
  /** How long a query waits for its reply where neither it nor the caller says so, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** How large a message may be, in bytes, as sent and unpacked. */
  readonly maximumBytes: number;
  /** From which size on data is compressed, in bytes; `undefined`: never. */
  readonly compressAboveBytes: number | undefined;
  /** From which size on data goes to the store of blobs, where there is one, in bytes. */
  readonly blobsAboveBytes: number;
}

export interface BrokerAdapters {
  /** Those that the application ships with, besides the broker in memory. */
  readonly adapters?: readonly BrokerAdapter[];
}

/** The settings of a broker: `BROKER_URL` (default: `memory:`), which takes the protocols of the adapters, and `BROKER_…`. */
export function brokerSettings({ adapters = [] }: BrokerAdapters = {}): Fragment<BrokerSettings> {
  const ports = Object.fromEntries(adapters.flatMap((adapter) => Object.entries(adapter.ports)));
  return defineSettings<BrokerSettings>(
    {
      url: variable('BROKER_URL', connectionUrl({ protocols: ['memory:', ...Object.keys(ports)] }), {
        description:
          'Which broker to use, and where it is. In memory, messages reach this process alone and are gone when it stops.',
        default: 'memory:',
        embedded: true,
      }),
      credentials: variable('BROKER_CREDENTIALS', credentials(), {
        description: 'User and password at the broker; those in the URL hold where there are none.',
        optional: true,
        example: 'vault:kv/orders/broker',
      }),
      connectTimeoutMs: variable('BROKER_CONNECT_TIMEOUT', duration({ min: '1ms' }), {
        description: 'How long the first connection to the broker may take.',
        default: '10s',
      }),
      publishTimeoutMs: variable('BROKER_PUBLISH_TIMEOUT', duration({ min: '1ms' }), {
        description: 'How long publishing waits for a broker that is away, blocked or slow.',
        default: '5s',
      }),
      publishConcurrency: variable('BROKER_PUBLISH_CONCURRENCY', integer({ min: 1 }), {
        description: 'How many messages may wait for the confirmation of the broker at a time.',
        default: '1000',
      }),
      requestTimeoutMs: variable('BROKER_REQUEST_TIMEOUT', duration({ min: '1ms' }), {
        description: 'How long a query waits for its reply, where nothing else says so.',
        default: '5s',
      }),
      maximumBytes: variable('BROKER_MESSAGE_LIMIT', size({ min: '1KiB', max: '128MiB' }), {
        description: 'How large a message may be, sent and unpacked.',
        default: '1MiB',
      }),
      compressAboveBytes: variable('BROKER_COMPRESS_ABOVE', size(), {
        description: 'From which size on data is compressed; never while it is not set.',
        optional: true,
        example: '16KiB',
      }),
      blobsAboveBytes: variable('BROKER_BLOBS_ABOVE', size({ min: '1KiB' }), {
        description: 'From which size on data is put into the store of blobs, where the service has one.',
        default: '256KiB',
      }),
    },
    { connections: [{ kind: 'messaging', variable: 'BROKER_URL', ports }] },
  );
}
