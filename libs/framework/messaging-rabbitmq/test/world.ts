import { randomBytes } from 'node:crypto';
import { Secret, type Credentials } from '@org/config';
import { defineEvent } from '@org/contract';
import {
  consume,
  createBroker,
  handle,
  type Broker,
  type BrokerOptions,
  type BrokerRules,
  type ConsumeOptions,
  type Incoming,
} from '@org/messaging';
import { createLedger, type Ledger } from '@org/messaging/conformance';
import { collectLogger, waitFor } from '@org/testing';
import * as z from 'zod';
import { rabbitmq } from '../src/index.ts';

/** A way in which a service of a test is connected. */
export interface Place {
  readonly url: string;
  readonly credentials?: Secret<Credentials>;
  readonly connectTimeoutMs?: number;
}

/** What a test has to itself: an event, and services that publish and consume it. */
export interface World extends AsyncDisposable {
  readonly happened: ReturnType<typeof eventOf>;
  readonly logger: ReturnType<typeof collectLogger>;
  /** The queue of the consumers. */
  readonly queue: string;
  /** How often each number was handled. */
  readonly handled: ReadonlyMap<number, number>;
  /** How often something was handled that had been handled before. */
  readonly duplicates: () => number;
  broker(place: Place, options?: BrokerOptions & Partial<BrokerRules>): Promise<Broker>;
  /** Consumes with a handler that counts, and does what is given besides. */
  consume(
    broker: Broker,
    options?: ConsumeOptions,
    also?: (incoming: Incoming<Data>) => unknown,
  ): Promise<AsyncDisposable>;
  /** Publishes a number until the broker has confirmed it, as an outbox does. */
  publishSurely(broker: Broker, number: number): Promise<void>;
  readonly inVain: Ledger<number>['inVain'];
}

interface Data {
  readonly number: number;
}

const eventOf = (type: string) =>
  defineEvent({ type, summary: 'Something happened', data: z.object({ number: z.number() }) });

export function createWorld(): World {
  const token = `t${randomBytes(6).toString('hex')}`;
  const happened = eventOf(`faults.${token}.happened.v1`);
  const logger = collectLogger();
  const stack = new AsyncDisposableStack();
  const ledger = createLedger<number>();
  const contract = { publishes: [happened], consumes: [happened] };
  const runtime = { logger, contract, service: { name: token, version: '1.0.0', commit: undefined } };
  return {
    happened,
    logger,
    handled: ledger.handled,
    duplicates: ledger.duplicates,
    inVain: ledger.inVain,
    queue: `${token}/${happened.type}`,
    async broker({ url, credentials, connectTimeoutMs = 10_000 }, options = {}) {
      const given = { url: new Secret(url), credentials, service: token, logger, connectTimeoutMs };
      return stack.use(createBroker(await rabbitmq.open(given), rabbitmq, options, runtime));
    },
    async consume(broker, options, also) {
      const handler = handle(happened, async (incoming) => {
        ledger.handle(incoming.data.number);
        await also?.(incoming);
      });
      return stack.use(await consume(broker, [handler], { retryDelaysMs: [100, 100, 100], ...options }, { logger }));
    },
    publishSurely: (broker, number) =>
      ledger.publish(number, () => broker.publish(happened, { number }, { id: String(number) })),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Waits until all numbers up to the count were handled; gives how often that happened once more than needed. */
export async function allHandled(world: World, count: number, timeoutMs = 30_000): Promise<number> {
  await waitFor(() => world.handled.size === count, { what: `${count} messages to be handled`, timeoutMs });
  return world.duplicates();
}

/** What the work rejects with. */
export async function rejection(
  work: Promise<unknown>,
): Promise<{ code?: string; reason?: string; message: string; details?: Record<string, unknown> }> {
  const nothing = new Error('it went well');
  return work.then(
    () => nothing,
    (error: unknown) => error as Error,
  );
}
