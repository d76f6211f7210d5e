import { JetStreamApiError, jetstreamManager, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { ConsumerInfo } from '@nats-io/jetstream';
import { brokerUnavailable } from '@org/messaging';
import type { Link } from './link.ts';

/** How long one question to JetStream may take. */
const timeoutMs = 4_000;

/** What manages streams over a connection. It asks nothing by itself. */
export function managerOf(connection: NatsConnection): Promise<JetStreamManager> {
  return jetstreamManager(connection, { checkAPI: false, timeout: timeoutMs });
}

/**
 * What manages streams over the connection of a link.
 *
 * @throws {ServiceError} unavailable, when there is none before the signal aborts.
 */
export async function managerFor(link: Link, doing: string, signal: AbortSignal): Promise<JetStreamManager> {
  const connection = await link.connected(signal);
  if (connection) return managerOf(connection);
  const why = link.closed.aborted ? 'the connection was closed' : `the broker at ${link.place()} is away`;
  throw brokerUnavailable({ doing, why, cause: signal.reason ?? link.why() });
}

export async function findStream(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  return orMissing(manager.streams.info(name));
}

export async function findConsumer(
  manager: JetStreamManager,
  stream: string,
  name: string,
): Promise<ConsumerInfo | undefined> {
  return orMissing(manager.consumers.info(stream, name));
}

/** What is asked for; `undefined` when it is not there. */
export async function orMissing<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof JetStreamApiError && thrown.status === 404) return undefined;
    throw thrown;
  }
}
