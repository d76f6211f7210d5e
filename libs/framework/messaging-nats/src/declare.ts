import { JetStreamApiError, type ConsumerInfo, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { topologyConflict, type Subscription } from '@org/messaging';
import { findConsumer, findStream } from './api.ts';
import { consumerOf } from './names.ts';
import { consumerConflict, durableConsumer, streamConflict, type WantedStream } from './wanted.ts';

/** Where the consumer of a subscription stood in a stream when that was last known. */
export interface Standing {
  /** When the stream was made: another of the same name begins anew. */
  readonly created: string;
  /** All messages up to this one are settled. */
  readonly floor: number;
  /** Up to this one they were delivered at least once. */
  readonly delivered: number;
}

/** Where a consumer stands. */
export function standingOf(created: string, { ack_floor, delivered }: ConsumerInfo): Standing {
  return { created, floor: ack_floor.stream_seq, delivered: delivered.stream_seq };
}

/**
 * Makes a stream that is not there, and compares one that is.
 *
 * @throws {ServiceError} failed_precondition, TOPOLOGY_CONFLICT, when it is made otherwise.
 */
export async function declareStream(manager: JetStreamManager, wanted: WantedStream): Promise<StreamInfo> {
  const found = (await findStream(manager, wanted.name)) ?? (await addStream(manager, wanted));
  const conflict = streamConflict(wanted, found.config);
  if (conflict === undefined) return found;
  throw topologyConflict({ doing: `use the stream \`${wanted.name}\``, why: conflict });
}

/**
 * Makes the consumer of a subscription in a stream, if it is not there. A new one begins with what is published from now on;
 * one that was deleted goes on where it stood.
 *
 * @throws {ServiceError} failed_precondition, TOPOLOGY_CONFLICT, when it is made otherwise.
 */
export async function declareConsumer(
  manager: JetStreamManager,
  { config, created }: StreamInfo,
  subscription: Subscription,
  standing: Standing | undefined,
): Promise<Standing> {
  const [stream, name] = [config.name, consumerOf(subscription)];
  let found = await findConsumer(manager, stream, name);
  if (!found) {
    const start = standing === undefined ? 'new' : standing.created === created ? standing.floor + 1 : 'all';
    found = await addUnlessThere(manager, stream, subscription, start);
  }
  const conflict = consumerConflict(stream, found.config);
  if (conflict === undefined) return standingOf(created, found);
  throw topologyConflict({ doing: `use the consumer \`${name}\` of the stream \`${stream}\``, why: conflict });
}

async function addStream(manager: JetStreamManager, wanted: WantedStream): Promise<StreamInfo> {
  try {
    return await manager.streams.add(wanted);
  } catch (thrown) {
    // Another one made it in the same moment.
    const found = await findStream(manager, wanted.name);
    if (found) return found;
    if (!(thrown instanceof JetStreamApiError)) throw thrown;
    const why = `the broker does not make it (${thrown.message.slice(0, 200)}). See which stream has its subjects, and what the account may store`;
    throw topologyConflict({ doing: `make the stream \`${wanted.name}\``, why, cause: thrown });
  }
}

async function addUnlessThere(
  manager: JetStreamManager,
  stream: string,
  subscription: Subscription,
  start: 'new' | 'all' | number,
) {
  try {
    return await manager.consumers.add(stream, durableConsumer(subscription, start));
  } catch (thrown) {
    const found = await findConsumer(manager, stream, consumerOf(subscription));
    if (found) return found;
    throw thrown;
  }
}
