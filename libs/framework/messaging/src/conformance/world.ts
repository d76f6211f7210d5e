import { randomBytes } from 'node:crypto';
import { defineCommand, defineEvent, defineQuery, type Message, type MessagePromises } from '@org/contract';
import type { WireMessage } from '@org/payload';
import { collectLogger, waitFor, type CollectingLogger } from '@org/testing';
import * as z from 'zod';
import type { Broker } from '../broker.ts';
import { consume, type ConsumeOptions, type Consumers } from '../consume.ts';
import type { BrokerRules } from '../core.ts';
import { createBroker, type BrokerOptions } from '../create-broker.ts';
import { handle, type Handler, type Incoming } from '../handle.ts';
import type { OutgoingMessage, Transport } from '../transport.ts';
import type { ConformanceOptions } from './conformance.ts';
import { createGate, createHalt, type Halt } from './gate.ts';

export type Opened = Broker & { readonly transport: Transport };

/** What a case has: messages of its own, and connections that are closed when it ends. */
export interface World {
  /** Nobody else's types have it. */
  readonly token: string;
  readonly delayMs: number;
  readonly options: ConformanceOptions;
  readonly logger: CollectingLogger;
  readonly runtime: { readonly logger: CollectingLogger };
  /** The event that most cases are about: a number, and what else is put into it. */
  readonly happened: Event;
  /** Another one, `conformance.<token>.<verb>.v1`. */
  event(verb: string): Event;
  command(): ReturnType<typeof commandOf>;
  query(name?: string): Query;
  connect(options?: { queueLimit?: number }): Promise<Transport>;
  /** A service of its own, with one connection, that promises these messages. Default: what happened. */
  broker(messages?: readonly Message[], options?: BrokerOptions & Partial<BrokerRules>): Promise<Opened>;
  /** Three attempts, in the group of the services, unless it is said otherwise. */
  consume(broker: Broker, handlers: readonly Handler[], options?: ConsumeOptions): Promise<Consumers>;
  /** Consumes what happened, by a handler that keeps what it gets: the list grows. */
  collect(broker: Broker, options?: ConsumeOptions): Promise<readonly Incoming<Data>[]>;
  /** What happened, as a transport is handed it. */
  outgoing(id: string, wire: WireMessage): OutgoingMessage;
  halt(): Halt;
  waitFor<Result>(condition: () => Result | Promise<Result>, what: string): Promise<NonNullable<Result>>;
  /** Closed with the case, before the connections. */
  use<Used extends AsyncDisposable>(used: Used): Used;
}

type Event = ReturnType<typeof eventOf>;
export type Query = ReturnType<typeof queryOf>;
type Data = z.output<typeof data>;

const data = z.object({ number: z.number(), text: z.string().optional(), key: z.string().optional() });

const eventOf = (type: string) =>
  defineEvent({ type, summary: 'Something happened', data, key: ({ key, number }) => key ?? String(number) });
const commandOf = (type: string) => defineCommand({ type, summary: 'Something is to be done', data });
const queryOf = (type: string) =>
  defineQuery({
    type,
    summary: 'Something is asked',
    request: z.object({ number: z.number() }),
    reply: z.object({ doubled: z.number() }),
  });

/** Runs a case in a world of its own, and closes what it opened, whatever happens. */
export async function withWorld(options: ConformanceOptions, prove: (world: World) => Promise<void>): Promise<void> {
  const { timeoutMs = 10_000 } = options;
  await using opened = new AsyncDisposableStack();
  const end = createGate();
  const proving = prove(createWorld(options, opened, end.opened));
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${timeoutMs * 2} ms for the case to end`)), timeoutMs * 2);
  });
  try {
    await Promise.race([proving, over]);
  } finally {
    clearTimeout(timer);
    end.open();
    // What it waits for comes to its end with the connections.
    proving.catch(() => {});
  }
}

function createWorld(options: ConformanceOptions, opened: AsyncDisposableStack, ended: Promise<void>): World {
  const { delayMs = 50, timeoutMs = 10_000 } = options;
  const logger = collectLogger();
  const token = `t${randomBytes(6).toString('hex')}`;
  const service = { name: `service-${token}`, version: '1.0.0', commit: undefined };
  const happened = eventOf(`conformance.${token}.happened.v1`);
  const connect: World['connect'] = async (given = {}) => opened.use(await options.open(given));
  const consumeIn: World['consume'] = async (broker, handlers, given = {}) =>
    opened.use(await consume(broker, handlers, { retryDelaysMs: [delayMs, delayMs], ...given }, { logger }));
  return {
    token,
    delayMs,
    options,
    logger,
    runtime: { logger },
    happened,
    event: (verb) => eventOf(`conformance.${token}.${verb}.v1`),
    command: () => commandOf(`conformance.${token}.do.v1`),
    query: (name = 'ask') => queryOf(`conformance.${token}.${name}.v1`),
    connect,
    async broker(messages = [happened], given = {}) {
      const transport = await connect();
      const runtime = { logger, service, contract: promisesOf(messages) };
      return { ...opened.use(createBroker(transport, options.adapter, given, runtime)), transport };
    },
    consume: consumeIn,
    async collect(broker, given) {
      const got: Incoming<Data>[] = [];
      await consumeIn(broker, [handle(happened, (incoming) => void got.push(incoming))], given);
      return got;
    },
    outgoing: (id, wire) => ({
      kind: 'event',
      type: happened.type,
      id,
      key: undefined,
      wire,
      unrouted: 'refuse',
      signal: AbortSignal.timeout(5_000),
    }),
    halt: () => createHalt(ended),
    waitFor: (condition, what) => waitFor(condition, { what, timeoutMs, intervalMs: 5 }),
    use: (used) => opened.use(used),
  };
}

function promisesOf(messages: readonly Message[]): MessagePromises {
  const events = messages.filter((message) => message.kind === 'event');
  return {
    publishes: events,
    consumes: events,
    handles: messages.filter((message) => message.kind === 'command'),
    answers: messages.filter((message) => message.kind === 'query'),
  };
}
