import type { JetStreamManager } from '@nats-io/jetstream';
import type { TopologyReport, TopologyRow, Wanted } from '@org/messaging';
import { findConsumer, findStream } from './api.ts';
import { consumerOf, streamOf, subjectOf } from './names.ts';
import {
  consumerConflict,
  deadStream,
  streamConflict,
  typeStream,
  type StreamRules,
  type WantedStream,
} from './wanted.ts';

/** What is needed, beside what is there. Makes nothing. */
export async function compareTopology(
  manager: JetStreamManager,
  { subscriptions, publishes, answers }: Wanted,
  rules: StreamRules,
): Promise<TopologyReport> {
  const rows: TopologyRow[] = [];
  for (const subscription of subscriptions) {
    for (const type of subscription.types) {
      const wanted = typeStream(subscription.kind, type, rules);
      rows.push(await streamRow(manager, wanted, `keeps ${subscription.kind}s ${type}`));
      rows.push(await consumerRow(manager, wanted.name, subscription.name, consumerOf(subscription)));
    }
    rows.push(
      await streamRow(manager, deadStream(subscription, rules), `keeps the dead letters of ${subscription.name}`),
    );
  }
  for (const { kind, type } of publishes) {
    if (kind !== 'query') rows.push(await publishedRow(manager, streamOf(kind, type), type));
  }
  for (const { type } of answers) {
    const detail = `answered at ${subjectOf('query', type)}, of which the broker keeps nothing`;
    rows.push({ kind: 'subject', name: subjectOf('query', type), state: 'unknown', detail });
  }
  return { rows };
}

async function streamRow(manager: JetStreamManager, wanted: WantedStream, purpose: string): Promise<TopologyRow> {
  const row = { kind: 'stream', name: wanted.name };
  const found = await findStream(manager, wanted.name);
  if (!found) return { ...row, state: 'missing', detail: purpose };
  const conflict = streamConflict(wanted, found.config);
  if (conflict !== undefined) return { ...row, state: 'conflict', detail: conflict };
  return { ...row, state: 'present', detail: `${purpose}: ${found.state.messages} now` };
}

async function consumerRow(
  manager: JetStreamManager,
  stream: string,
  subscription: string,
  name: string,
): Promise<TopologyRow> {
  const row = { kind: 'consumer', name: `${stream}/${name}` };
  const found = await findConsumer(manager, stream, name);
  if (!found) return { ...row, state: 'missing', detail: `delivers to ${subscription}` };
  const conflict = consumerConflict(stream, found.config);
  if (conflict !== undefined) return { ...row, state: 'conflict', detail: conflict };
  return { ...row, state: 'present', detail: `${found.num_pending} wait for ${subscription}` };
}

async function publishedRow(manager: JetStreamManager, stream: string, type: string): Promise<TopologyRow> {
  const found = await findStream(manager, stream);
  const detail = found
    ? `${type} goes to ${found.state.consumer_count} consumers`
    : `nobody consumes ${type} yet: whoever does makes the stream`;
  // Publishers make no streams, so that they are told when nobody hears them.
  return { kind: 'type', name: type, state: found ? 'present' : 'missing', detail };
}
