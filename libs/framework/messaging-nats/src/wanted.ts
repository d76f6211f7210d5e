import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import type { ConsumerConfig, StreamConfig } from '@nats-io/jetstream';
import type { Subscription } from '@org/messaging';
import { consumerOf, deadStreamOf, deadSubjectOf, streamOf, subjectsOf } from './names.ts';

/** How long a consumer may be silent about a message before it is delivered again: as long as it takes to see that one died. */
export const ackWaitMs = 6_000;

/**
 * How many messages of a subscription may be unsettled at a time, in all its replicas: also those that wait for another
 * attempt. From there on it is given nothing new, until some of them are settled.
 */
const mostUnsettled = 10_000;

/** For how long the server knows what it was sent: longer than anybody tries to publish one message. */
const duplicateWindowMs = 120_000;

const nanos = (ms: number): number => ms * 1_000_000;

export type WantedStream = Pick<StreamConfig, 'name' | 'subjects' | 'max_msgs'> & Partial<StreamConfig>;

export interface StreamRules {
  /** How many servers keep what is made. Default: 1. */
  readonly replicas: number | undefined;
  readonly queueLimit: number | undefined;
}

/** The stream of a type. */
export function typeStream(kind: 'event' | 'command', type: string, rules: StreamRules): WantedStream {
  const description = `${kind}s ${type}, until all consumers have acknowledged them`;
  return stream(streamOf(kind, type), subjectsOf(kind, type), description, rules);
}

/** The stream of a subscription's dead letters. */
export function deadStream(subscription: Subscription, { replicas }: StreamRules): WantedStream {
  const description = `What ${subscription.name} could not take`;
  return stream(deadStreamOf(subscription), [deadSubjectOf(subscription)], description, {
    replicas,
    queueLimit: undefined,
  });
}

/** The consumer of a subscription, as it is made: it begins with `start`, or with what is published from now on. */
export function durableConsumer(subscription: Subscription, start: 'new' | 'all' | number): Partial<ConsumerConfig> {
  const begin =
    typeof start === 'number'
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start }
      : { deliver_policy: start === 'all' ? DeliverPolicy.All : DeliverPolicy.New };
  return {
    durable_name: consumerOf(subscription),
    description: subscription.name,
    ...begin,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    // Attempts are counted by the core, which sets messages aside: the server would drop what it stops delivering.
    max_deliver: -1,
    max_ack_pending: mostUnsettled,
    replay_policy: ReplayPolicy.Instant,
  };
}

/** In what a stream differs from what is needed, and what to do about it; `undefined` if in nothing that matters. */
export function streamConflict(wanted: WantedStream, found: StreamConfig): string | undefined {
  const differences = [
    differs('subjects', [...(wanted.subjects ?? [])].sort().join(' '), [...(found.subjects ?? [])].sort().join(' ')),
    differs('retention', RetentionPolicy.Limits, found.retention),
    differs('storage', StorageType.File, found.storage),
    // What is old would give way to what is new, unhandled.
    differs('discard', DiscardPolicy.New, found.discard),
    differs('max_age', 0, found.max_age),
    differs('max_msgs_per_subject', -1, found.max_msgs_per_subject ?? -1),
    differs('no_ack', false, found.no_ack ?? false),
    differs('sealed', false, found.sealed ?? false),
    differs('mirror', 'none', found.mirror?.name ?? 'none'),
  ].flatMap((difference) => difference ?? []);
  if (differences.length === 0) return undefined;
  return `${differences.join('; ')}. Mend it by \`nats stream edit ${wanted.name}\` or, where that is refused, drain it, delete it, and let the service make it`;
}

/** In what a consumer differs from what is needed, and what to do about it. */
export function consumerConflict(stream: string, found: ConsumerConfig): string | undefined {
  const differences = [
    differs('ack_policy', AckPolicy.Explicit, found.ack_policy),
    differs('max_deliver', -1, found.max_deliver ?? -1),
    differs('deliver_subject', 'none', found.deliver_subject ?? 'none'),
    differs('filter_subject', 'none', found.filter_subject || 'none'),
    found.ack_wait !== undefined && found.ack_wait < nanos(1_000) ? '`ack_wait` is less than 1s' : undefined,
  ].flatMap((difference) => difference ?? []);
  if (differences.length === 0) return undefined;
  return `${differences.join('; ')}. Delete it by \`nats consumer rm ${stream} ${found.durable_name ?? found.name}\`: a running service makes it anew and goes on where it was, one that starts begins with what is new`;
}

function stream(
  name: string,
  subjects: readonly string[],
  description: string,
  { replicas, queueLimit }: StreamRules,
): WantedStream {
  return {
    name,
    subjects: [...subjects],
    description,
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_msgs: queueLimit ?? -1,
    max_age: 0,
    num_replicas: replicas ?? 1,
    duplicate_window: nanos(duplicateWindowMs),
  };
}

function differs(
  name: string,
  wanted: string | number | boolean,
  found: string | number | boolean,
): string | undefined {
  if (wanted === found) return undefined;
  return `\`${name}\` is \`${found}\`, and has to be \`${wanted}\``;
}
