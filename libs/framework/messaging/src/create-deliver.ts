import { pause } from '@org/context';
import { toServiceError } from '@org/errors';
import { createAttempt, type Read } from './attempt.ts';
import type { Consumer } from './consumer.ts';
import { createLanes } from './lanes.ts';
import { createMessageReader, type MessageReader } from './read-message.ts';
import { createSemaphore } from './semaphore.ts';
import type { Delivery, Outcome } from './transport.ts';

/** Makes what a transport hands the deliveries of one subscription to. It never rejects. */
export function createDeliver(consumer: Consumer): (delivery: Delivery) => Promise<Outcome> {
  const { handler, core, subscription } = consumer;
  const reader = createMessageReader(core, handler.message);
  const attempt = createAttempt(consumer, reader);
  if (!subscription.ordered) return (delivery) => attempt(delivery, readDelivery(reader, delivery), delivery.attempt);

  const lanes = createLanes();
  const places = createSemaphore(subscription.concurrency);
  return (delivery) => {
    const read = readDelivery(reader, delivery);
    // What cannot be read goes away at once; it holds nobody up.
    if ('poison' in read) return attempt(delivery, read, delivery.attempt);
    return lanes.run(read.event.partitionkey, () => untilSettled(delivery, read));
  };

  /** All attempts at a message in its place, while others of its key wait, and those of other keys do not. */
  async function untilSettled(delivery: Delivery, read: Read): Promise<Outcome> {
    const { stopping } = consumer;
    const comeAgain: Outcome = { kind: 'retry', delayMs: 0 };
    for (let count = delivery.attempt; ; count += 1) {
      if (stopping.aborted) return comeAgain;
      const outcome = await places(async () => (stopping.aborted ? comeAgain : attempt(delivery, read, count)));
      if (outcome.kind !== 'retry' || stopping.aborted) return outcome.kind === 'retry' ? comeAgain : outcome;
      await pause(outcome.delayMs, stopping);
    }
  }
}

function readDelivery(reader: MessageReader, { wire }: Delivery): Read {
  try {
    return { event: reader.decode(wire) };
  } catch (thrown) {
    return { poison: toServiceError(thrown) };
  }
}
