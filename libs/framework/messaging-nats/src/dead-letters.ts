import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream';
import { ServiceError } from '@org/errors';
import {
  failureFrom,
  withoutFailure,
  brokerUnavailable,
  type DeadLetter,
  type DeadLetterStore,
  type Selection,
  type Subscription,
} from '@org/messaging';
import { findStream, managerFor, orMissing } from './api.ts';
import { duplicateIdHeader, fromNatsHeaders, publishedIdHeader, publishedIdOf } from './headers.ts';
import type { Link } from './link.ts';
import { deadStreamOf, deadSubjectOf, newestOf, redrivenSubjectOf, streamOf } from './names.ts';
import type { Store } from './publish.ts';

interface Found {
  readonly letter: DeadLetter;
  readonly stored: StoredMsg;
}

/** The dead letters of a subscription: a stream that is read message by message, by no consumer. */
export function deadLettersOf(link: Link, store: Store, subscription: Subscription): DeadLetterStore {
  const stream = deadStreamOf(subscription);
  const doing = `look at the dead letters of \`${subscription.name}\``;

  async function* selected(selection: Selection, signal: AbortSignal): AsyncGenerator<Found> {
    signal.throwIfAborted();
    const manager = await managerFor(link, doing, signal);
    // What comes in meanwhile is left for the next time: it may be what was redriven just now.
    const last = (await findStream(manager, stream))?.state.last_seq ?? 0;
    let sequence = 1;
    for (let count = 0; count < selection.limit;) {
      const stored = await next(manager, sequence);
      signal.throwIfAborted();
      if (!stored || stored.seq > last) return;
      sequence = stored.seq + 1;
      const letter = toLetter(stored);
      if (!selection.matches(letter)) continue;
      count += 1;
      yield { letter, stored };
    }
  }
  const next = (manager: JetStreamManager, sequence: number) => {
    // The client's types know either of both; the server takes them together.
    const query = { seq: sequence, next_by_subj: deadSubjectOf(subscription) };
    return orMissing(manager.streams.getMessage(stream, query)).then((stored) => stored ?? undefined);
  };
  const toLetter = (stored: StoredMsg): DeadLetter => {
    const message = { headers: stored.header };
    return {
      id: publishedIdOf(message) ?? String(stored.seq),
      subscription: subscription.name,
      failure: failureFrom(fromNatsHeaders(message)),
      wire: { headers: withoutFailure(fromNatsHeaders(message)), body: stored.data },
    };
  };
  const remove = async (sequence: number, signal: AbortSignal): Promise<boolean> => {
    const manager = await managerFor(link, doing, signal);
    return (await orMissing(manager.streams.deleteMessage(stream, sequence, false)).catch(gone)) ?? false;
  };
  const putBack = async ({ letter, stored }: Found, signal: AbortSignal): Promise<void> => {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(letter.wire.headers)) headers[name] = String(value);
    const stands = await store({
      name: subscription.name,
      stream: streamOf(subscription.kind, newestOf(subscription)),
      subject: redrivenSubjectOf(subscription),
      headers: {
        ...headers,
        [publishedIdHeader]: letter.id,
        // The server knows the id that it was published with, and would take it for the same again.
        [duplicateIdHeader]: `${subscription.name} ${stored.seq} ${stored.timestamp}`,
      },
      body: stored.data,
      spareBytes: 0,
      signal,
    });
    if (!stands) {
      throw brokerUnavailable({
        doing: `redrive to \`${subscription.name}\``,
        why: 'its stream is gone. Start what consumes it once',
      });
    }
  };
  const each = async (selection: Selection, signal: AbortSignal, act: (found: Found) => Promise<boolean>) => {
    let count = 0;
    for await (const found of selected(selection, signal)) {
      await selection.before?.(found.letter);
      signal.throwIfAborted();
      if (await act(found)) count += 1;
    }
    return count;
  };

  /** What the client throws, a time-out of its own say, is told as what it means. */
  const told = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof ServiceError) throw thrown;
      const why = `the broker did not answer as it should (${String((thrown as Error).message).slice(0, 200)})`;
      throw brokerUnavailable({ doing, why, cause: thrown });
    }
  };

  return {
    list: (selection, signal) =>
      told(async () => {
        const letters: DeadLetter[] = [];
        for await (const { letter } of selected(selection, signal)) letters.push(letter);
        return letters;
      }),
    redrive: (selection, signal) =>
      told(() =>
        each(selection, signal, async (found) => {
          await putBack(found, signal);
          await remove(found.stored.seq, signal);
          return true;
        }),
      ),
    remove: (selection, signal) => told(() => each(selection, signal, ({ stored }) => remove(stored.seq, signal))),
    async size(signal) {
      signal.throwIfAborted();
      const manager = await managerFor(link, doing, signal);
      const found = await findStream(manager, stream);
      if (!found || found.state.messages === 0) return { count: 0, oldestAt: undefined };
      return { count: found.state.messages, oldestAt: Date.parse(found.state.first_ts) };
    },
  };
}

/** Somebody else deleted it in the same moment. */
function gone(error: unknown): false {
  if (error instanceof Error && /no message found/i.test(error.message)) return false;
  throw error;
}
