import { createCall, runInContext, untilAborted, type Call } from '@org/context';
import { ServiceError, toServiceError } from '@org/errors';
import type { CloudEvent } from '@org/payload';
import type { Consumer } from './consumer.ts';
import { fateOf, setAside, type AttemptFacts } from './fate.ts';
import type { Delivered, Incoming } from './handle.ts';
import { callFor, contextFor, remoteContext, timeLeftMs } from './incoming-context.ts';
import { createObserveProcess, outcomeName, type OutcomeName } from './observe-process.ts';
import type { MessageReader } from './read-message.ts';
import type { Delivery, Outcome } from './transport.ts';
import { writeOutcome } from './write-outcome.ts';

/** A delivery that was read: its event, or why it cannot be. */
export type Read = { readonly event: CloudEvent } | { readonly poison: ServiceError };

/** Makes one attempt at a message, and says what becomes of it. Never rejects. */
export type Attempt = (delivery: Delivery, read: Read, attempt: number) => Promise<Outcome>;

export function createAttempt(consumer: Consumer, reader: MessageReader): Attempt {
  const { subscription, ending } = consumer;
  const { retryDelaysMs, kind } = subscription;
  const observe = createObserveProcess(consumer);
  const parent = createCall({ requestId: subscription.name, signal: ending });

  return async (delivery, read, attempt) => {
    const { wire, firstAt } = delivery;
    const event = 'event' in read ? read.event : undefined;
    const remote = remoteContext(event, wire);
    const observation = observe(wire, event, attempt, remote);
    const facts = (): AttemptFacts => ({ attempt, firstAt, retryDelaysMs, traceparent: observation.traceparent() });
    const end = (outcome: Outcome, name: OutcomeName, error?: ServiceError): Outcome => {
      observation.end(name, error?.code);
      writeOutcome(consumer, { delivery, event, attempt, outcome, name, span: observation.span, error });
      return outcome;
    };

    if ('poison' in read) return end(setAside(read.poison, facts()), 'dead_letter', read.poison);
    if (attempt > retryDelaysMs.length + 1) {
      const error = attemptsUsedUp(subscription.name, attempt - 1);
      return end(setAside(error, { ...facts(), attempt: attempt - 1 }), 'dead_letter', error);
    }
    if (hasExpired(read.event)) return end({ kind: 'acknowledge' }, 'expired');
    const timeoutMs = kind === 'command' ? timeLeftMs(wire, subscription.timeoutMs) : subscription.timeoutMs;
    using call = callFor(read.event, timeoutMs, { parent });
    try {
      const context = contextFor(read.event, call, observation.span, remote);
      const done = await runInContext(context, () =>
        untilAborted(call.signal, () => handleOnce(consumer, reader, { event: read.event, attempt, call })),
      );
      return end({ kind: 'acknowledge' }, done === 'duplicate' ? 'duplicate' : 'acknowledge');
    } catch (thrown) {
      const error =
        call.signal.reason === thrown
          ? overdue(toServiceError(thrown), subscription.name, timeoutMs)
          : toServiceError(thrown);
      // It did not fail: the service stops, and somebody else may go on at once.
      const outcome: Outcome = ending.aborted ? { kind: 'retry', delayMs: 0 } : fateOf(error, facts());
      return end(outcome, outcomeName(outcome), error);
    }
  };
}

/** Runs the handler, unless the inbox knows that it has run. */
async function handleOnce(
  { handler, inbox, subscription, core }: Consumer,
  reader: MessageReader,
  { event, attempt, call }: { event: CloudEvent; attempt: number; call: Call },
): Promise<'done' | 'duplicate'> {
  const data = await reader.dataOf(event, call.signal);
  const delivered: Delivered = {
    signal: call.signal,
    get logger() {
      return core.logger.child({ message_type: event.type, message_id: event.id, attempt });
    },
  };
  const incoming = { data, event, attempt } as Incoming<never>;
  const work = async () => void (await handler.run(incoming, delivered));
  if (inbox) return inbox.run(subscription.name, event.id, work);
  await work();
  return 'done';
}

/**
 * By this machine's clock. Of what Node cannot read, such as a leap second, nothing is known.
 *
 * @see https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/expirytime.md
 */
function hasExpired({ expirytime }: CloudEvent): boolean {
  return expirytime !== undefined && Date.parse(expirytime) <= Date.now();
}

/** The words of a deadline are those of any call: here it is a handler's. */
function overdue(error: ServiceError, name: string, timeoutMs: number): ServiceError {
  if (error.code !== 'deadline_exceeded') return error;
  const message = `The handler of \`${name}\` had not come to an end after ${timeoutMs} ms. See what it waits for and whether that heeds the \`signal\`, or give it a longer \`timeoutMs\``;
  return new ServiceError(error.code, message, { ...(error.reason && { reason: error.reason }), cause: error });
}

function attemptsUsedUp(name: string, attempts: number): ServiceError {
  const message = `The message was delivered ${attempts} times to \`${name}\`, and none of those who got it came to an end with it: they may have died of it`;
  return new ServiceError('internal', message, { reason: 'ATTEMPTS_USED_UP' });
}
