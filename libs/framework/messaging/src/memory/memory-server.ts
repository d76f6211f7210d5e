import type { Responding, Subscription } from '../transport.ts';
import type { ReceivedMessage, WireMessage } from '@org/payload';
import { createMemoryQueue, type MemoryQueue } from './memory-queue.ts';

/** Who answers queries. */
export interface MemoryResponder {
  readonly concurrency: number;
  running: number;
  stopped: boolean;
  answer(wire: ReceivedMessage, signal: AbortSignal): Promise<WireMessage>;
}

/**
 * What stands for a broker's server: queues, what is bound to them, and who answers. Those who open transports on the
 * same one exchange messages; when the last of them is closed, what it holds stays.
 */
export interface MemoryServer extends Disposable {
  /** The queue of a subscription, made and bound if it is not there. */
  declare(subscription: Subscription, limit: number): MemoryQueue;
  find(name: string): MemoryQueue | undefined;
  /** The queues that get a type. */
  boundTo(kind: Subscription['kind'], type: string): readonly MemoryQueue[];
  respond(query: Responding, answer: MemoryResponder['answer']): MemoryResponder;
  respondersOf(type: string): readonly MemoryResponder[];
  leave(type: string, responder: MemoryResponder): void;
}

export function createMemoryServer(): MemoryServer {
  const queues = new Map<string, MemoryQueue>();
  const bindings = new Map<string, Map<string, MemoryQueue>>();
  const bound = new Map<string, readonly MemoryQueue[]>();
  const responders = new Map<string, readonly MemoryResponder[]>();
  const none: readonly never[] = [];
  const keyOf = (kind: string, type: string) => `${kind} ${type}`;

  return {
    declare({ name, kind, types }, limit) {
      const queue = queues.get(name) ?? createMemoryQueue(name, limit);
      queues.set(name, queue);
      for (const type of types) {
        const key = keyOf(kind, type);
        const named = bindings.get(key) ?? new Map<string, MemoryQueue>();
        bindings.set(key, named.set(name, queue));
        bound.set(key, [...named.values()]);
      }
      return queue;
    },
    find: (name) => queues.get(name),
    boundTo: (kind, type) => bound.get(keyOf(kind, type)) ?? none,
    respond({ type, concurrency }, answer) {
      const responder: MemoryResponder = { concurrency, running: 0, stopped: false, answer };
      responders.set(type, [...(responders.get(type) ?? none), responder]);
      return responder;
    },
    respondersOf: (type) => responders.get(type) ?? none,
    leave(type, responder) {
      const left = (responders.get(type) ?? none).filter((each) => each !== responder);
      if (left.length > 0) responders.set(type, left);
      else responders.delete(type);
    },
    [Symbol.dispose]() {
      for (const queue of queues.values()) queue[Symbol.dispose]();
      for (const map of [queues, bindings, bound, responders]) map.clear();
    },
  };
}
