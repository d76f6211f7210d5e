import type { ServiceError } from '@org/errors';
import { natsBinding } from '@org/payload';
import { brokerFull, brokerUnavailable, messageUnroutable } from '../transport-errors.ts';
import type { BrokerAdapter, Features, OutgoingMessage, Subscription, Transport, Wanted } from '../transport.ts';
import type { TopologyRow } from '../topology.ts';
import { memoryDeadLetters } from './memory-dead-letters.ts';
import { answerFrom, ask } from './memory-queries.ts';
import { createMemoryServer, type MemoryServer } from './memory-server.ts';

/** What a broker in the memory of a process can do. */
export const memoryFeatures: Features = {
  durable: false,
  delaysInBroker: true,
  detectsUnroutable: true,
  ordersAcrossConsumers: true,
  countsCrashes: true,
  deduplicates: false,
  boundsQueues: true,
};

/**
 * The embedded default: a broker in the memory of the process, gone when it stops.
 *
 * @param server Where messages are; transports on the same one exchange them. Default: each has one of its own.
 */
export function memoryAdapter(server?: MemoryServer): BrokerAdapter {
  return {
    name: 'memory',
    // There is no network between.
    ports: {},
    binding: natsBinding,
    async open({ queueLimit = 10_000 }) {
      const own = server ?? createMemoryServer();
      return openMemoryTransport(own, queueLimit, () => {
        if (!server) own[Symbol.dispose]();
      });
    },
  };
}

function openMemoryTransport(server: MemoryServer, queueLimit: number, onClose: () => void): Transport {
  const abandoning = new Set<() => void>();
  let closed = false;
  const assertOpen = (doing: string) => {
    if (closed) throw brokerUnavailable({ doing, why: 'the connection to the broker in memory was closed' });
  };
  const publish = (message: OutgoingMessage) => {
    const { kind, type, signal, unrouted, onUnrouted } = message;
    assertOpen(`publish \`${type}\``);
    if (signal.aborted) throw gaveUp(`publish \`${type}\``, signal);
    const queues = server.boundTo(kind === 'command' ? 'command' : 'event', type);
    if (queues.length === 0) {
      if (unrouted === 'refuse') throw messageUnroutable(type);
      onUnrouted?.();
      return;
    }
    if (queues.some((queue) => queue.isFull())) {
      const why = `a queue of it holds ${queueLimit} messages, and takes no more. See why they are not consumed`;
      throw brokerFull({ doing: `publish \`${type}\``, why });
    }
    for (const queue of queues) queue.put(message);
  };

  return {
    features: memoryFeatures,
    publish: async (message) => publish(message),
    async subscribe(subscription, deliver) {
      assertOpen(`subscribe to \`${subscription.name}\``);
      const member = server.declare(subscription, queueLimit).attach(subscription, deliver);
      abandoning.add(member.abandon);
      return {
        lag: (signal) => member.lag(signal),
        async stop(signal) {
          await member.stop(signal);
          abandoning.delete(member.abandon);
        },
      };
    },
    async request(message) {
      assertOpen(`ask \`${message.type}\``);
      return ask(server, message);
    },
    async respond(query, handle) {
      assertOpen(`answer \`${query.type}\``);
      const answering = answerFrom(server, query, handle);
      abandoning.add(answering.abandon);
      return answering;
    },
    deadLetters: ({ name }) => memoryDeadLetters(() => server.find(name)),
    topology: async ({ subscriptions, publishes }) => ({
      rows: [...subscriptions.map((each) => queueRow(server, each)), ...publishes.map((each) => typeRow(server, each))],
    }),
    async check(signal) {
      signal.throwIfAborted();
      assertOpen('use the broker');
    },
    async [Symbol.asyncDispose]() {
      if (closed) return;
      closed = true;
      for (const abandon of abandoning) abandon();
      onClose();
    },
  };
}

function gaveUp(doing: string, signal: AbortSignal): ServiceError {
  return brokerUnavailable({ doing, why: 'whoever publishes does not wait any more', cause: signal.reason });
}

function queueRow(server: MemoryServer, { name, types }: Subscription): TopologyRow {
  const state = server.find(name) ? 'present' : 'missing';
  return { kind: 'queue', name, state, detail: `takes ${types.join(', ')}` };
}

function typeRow(server: MemoryServer, { kind, type }: Wanted['publishes'][number]): TopologyRow {
  const queues = kind === 'query' ? [] : server.boundTo(kind, type);
  const detail = queues.length === 0 ? 'nobody has a queue for it' : `goes to ${queues.length} queues`;
  return { kind: 'type', name: type, state: queues.length === 0 ? 'missing' : 'present', detail };
}
