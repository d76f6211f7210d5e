import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { waitFor } from '@org/testing';
import { Connection } from 'rabbitmq-client';
import { placed } from '../service/contract.ts';

/** What the broker was given, in the order in which it was. */
export interface Told {
  readonly id: string;
  readonly customer: string;
  readonly number: number;
}

/** Sees what comes to a broker, and leaves it there for all others. */
export interface Tap {
  /** Begins to see, once the consumer's own queue is there. */
  open(): Promise<void>;
  /** All that was seen. */
  read(): Promise<Told[]>;
}

/** A queue beside that of the consumer. */
export function rabbitmqTap(url: string): Tap {
  const queue = 'tap';
  const withConnection = async <Value>(work: (connection: Connection) => Promise<Value>) => {
    const connection = new Connection(url.replace('amqp://', 'amqp://guest:guest@'));
    connection.on('error', () => {});
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  };
  return {
    open: () =>
      withConnection(async (connection) => {
        await waitFor(() => connection.queueDeclare({ queue: `outbox-service/${placed.type}`, passive: true }), {
          what: 'the queue of the consumer',
          timeoutMs: 30_000,
        });
        await connection.queueDeclare({ queue, durable: true, arguments: { 'x-queue-type': 'quorum' } });
        await connection.queueBind({ queue, exchange: 'events', routingKey: placed.type });
      }),
    read: () =>
      withConnection(async (connection) => {
        const told: Told[] = [];
        for (;;) {
          const message = await connection.basicGet({ queue, noAck: true });
          if (!message) return told;
          told.push(JSON.parse((message.body as Buffer).toString()) as Told);
        }
      }),
  };
}

/** The stream itself, which keeps what one of its consumers has not acknowledged. */
export function natsTap(url: string): Tap {
  const stream = `events_${placed.type.replaceAll('.', '_')}`;
  const withManager = async <Value>(
    work: (manager: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<Value>,
  ) => {
    const connection = await connect({ servers: url });
    try {
      return await work(await jetstreamManager(connection));
    } finally {
      await connection.close();
    }
  };
  return {
    open: () =>
      withManager(async (manager) => {
        await waitFor(() => manager.streams.info(stream), { what: 'the stream of the consumer', timeoutMs: 30_000 });
        await manager.consumers.add(stream, { durable_name: 'tap', ack_policy: 'explicit' });
      }),
    read: () =>
      withManager(async (manager) => {
        const { state } = await manager.streams.info(stream);
        const told: Told[] = [];
        for (let sequence = state.first_seq; sequence <= state.last_seq; sequence += 1) {
          const message = await manager.streams.getMessage(stream, { seq: sequence });
          if (message) told.push(message.json<Told>());
        }
        return told;
      }),
  };
}
