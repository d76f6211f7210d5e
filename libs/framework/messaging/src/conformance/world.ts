import { randomBytes } from 'node:crypto';
import { defineCommand, defineEvent, defineQuery, type Message, type MessagePromises } from '@org/contract';
import { collectLogger, waitFor, type CollectingLogger } from '@org/testing';
import * as z from 'zod';
import type { Broker } from '../broker.ts';
import { consume, type ConsumeOptions, type Consumers } from '../consume.ts';
import type { BrokerRules } from '../core.ts';
import { createBroker, type BrokerOptions } from '../create-broker.ts';
import type { Handler } from '../handle.ts';
import type { Transport } from '../transport.ts';
import type { ConformanceOptions } from './conformance.ts';

export type Opened = Broker & { readonly transport: Transport };

/** What a case has: messages of its own, and connections that are closed when it ends. */
export interface World {
  /** Nobody else's types have it. */
  readonly token: string;
  readonly delayMs: number;
  readonly options: ConformanceOptions;
  readonly logger: CollectingLogger;
  readonly runtime: { readonly logger: CollectingLogger };
  /** An event `conformance.<token>.<verb>.v<major>` with a number and what else is put into it. */
  event(verb?: string): ReturnType<typeof eventOf>;
  command(verb?: string): ReturnType<typeof commandOf>;
  query(name?: string): ReturnType<typeof queryOf>;
  connect(options?: { queueLimit?: number }): Promise<Transport>;
  /** A service of its own, with one connection, that promises these messages. */
  broker(messages: readonly Message[], options?: BrokerOptions & Partial<BrokerRules>): Promise<Opened>;
  consume(broker: Broker, handlers: readonly Handler[], options?: ConsumeOptions): Promise<Consumers>;
  /** The usual consumer: three attempts, a group of its own. */
  readonly usual: ConsumeOptions & { readonly retryDelaysMs: readonly number[] };
  waitFor<Result>(condition: () => Result | Promise<Result>, what: string): Promise<NonNullable<Result>>;
  /** Closed with the case, before the connections. */
  use<Used extends AsyncDisposable>(used: Used): Used;
}

const data = z.object({ number: z.number(), text: z.string().optional(), key: z.string().optional() });

export const eventOf = (type: string) =>
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
  const proving = prove(createWorld(options, opened));
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${timeoutMs * 2} ms for the case to end`)), timeoutMs * 2);
  });
  try {
    await Promise.race([proving, over]);
  } finally {
    clearTimeout(timer);
    // What it waits for comes to its end with the connections.
    proving.catch(() => {});
  }
}

function createWorld(options: ConformanceOptions, opened: AsyncDisposableStack): World {
  const { delayMs = 50, timeoutMs = 10_000 } = options;
  const logger = collectLogger();
  const token = `t${randomBytes(6).toString('hex')}`;
  const service = { name: `service-${token}`, version: '1.0.0', commit: undefined };
  const connect: World['connect'] = async (given = {}) => opened.use(await options.open(given));
  return {
    token,
    delayMs,
    options,
    logger,
    runtime: { logger },
    event: (verb = 'happened') => eventOf(`conformance.${token}.${verb}.v1`),
    command: (verb = 'do') => commandOf(`conformance.${token}.${verb}.v1`),
    query: (name = 'ask') => queryOf(`conformance.${token}.${name}.v1`),
    connect,
    async broker(messages, given = {}) {
      const transport = await connect();
      const runtime = { logger, service, contract: promisesOf(messages) };
      return { ...opened.use(createBroker(transport, options.adapter, given, runtime)), transport };
    },
    consume: async (broker, handlers, given = {}) =>
      opened.use(await consume(broker, handlers, { retryDelaysMs: [delayMs, delayMs], ...given }, { logger })),
    usual: { retryDelaysMs: [delayMs, delayMs] },
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
