import { runOutsideCalls } from '@org/context';
import { brokerFull, noResponder } from '../transport-errors.ts';
import type { OutgoingMessage, Responding, Running, Transport } from '../transport.ts';
import type { MemoryResponder, MemoryServer } from './memory-server.ts';
import type { ReceivedMessage, WireMessage } from '@org/payload';

/** Asks one of those who answer the type: the one that has the least to do. */
export async function ask(server: MemoryServer, { type, wire, signal }: OutgoingMessage): Promise<ReceivedMessage> {
  signal.throwIfAborted();
  const answering = server.respondersOf(type).filter(({ stopped }) => !stopped);
  if (answering.length === 0) throw noResponder(type);
  const responder = answering.reduce((least, each) => (each.running < least.running ? each : least));
  if (responder.running >= responder.concurrency) {
    throw brokerFull({ doing: `ask \`${type}\``, why: 'all who answer it have as much to do as they take on' });
  }
  responder.running += 1;
  const asking = new AbortController();
  const abort = () => asking.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const answer = runOutsideCalls(() => responder.answer(wire, asking.signal)).finally(() => {
    responder.running -= 1;
    signal.removeEventListener('abort', abort);
  });
  return new Promise((resolve, reject) => {
    asking.signal.addEventListener('abort', () => reject(asking.signal.reason as Error), { once: true });
    answer.then(resolve, reject);
  });
}

/** Answers until it is stopped. */
export function answerFrom(
  server: MemoryServer,
  query: Responding,
  handle: Parameters<Transport['respond']>[1],
): Running & { readonly abandon: () => void } {
  const inFlight = new Set<Promise<WireMessage>>();
  const responder: MemoryResponder = server.respond(query, (wire, signal) => {
    const answer = handle(wire, signal).finally(() => inFlight.delete(answer));
    inFlight.add(answer);
    return answer;
  });
  const abandon = () => {
    responder.stopped = true;
    server.leave(query.type, responder);
  };
  return {
    abandon,
    async stop(signal) {
      abandon();
      const aborted = new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([Promise.allSettled(inFlight), aborted]);
    },
    lag: async () => 0,
  };
}
