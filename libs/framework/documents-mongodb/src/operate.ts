import { currentCall, currentContext, remainingMs, untilAborted } from '@org/context';
import { toServiceError } from '@org/errors';
import { SpanKind, SpanStatusCode, type Attributes } from '@opentelemetry/api';
import type { Db } from 'mongodb';
import type { Clients } from './clients.ts';
import type { MongoInstruments } from './instruments.ts';
import { timedOut, translate, type Doing } from './mongo-errors.ts';
import type { Target } from './target.ts';

/** What every command is given. */
export interface CommandOptions {
  /** How long the server works on it at most, in milliseconds. */
  readonly maxTimeMS: number;
}

export interface Operation extends Pick<Doing, 'what' | 'writes'> {
  /** As MongoDB calls its command: `find`. */
  readonly name: string;
}

/** Runs an operation under a span, within its time, and says in our own words what it failed with. */
export type Operate = <Value>(
  operation: Operation,
  work: (options: CommandOptions) => Promise<Value>,
) => Promise<Value>;

export interface OperateParts {
  readonly instruments: MongoInstruments;
  readonly target: Target;
  readonly timeoutMs: number;
}

/** @see https://opentelemetry.io/docs/specs/semconv/db/mongodb/ */
export function createOperate(collection: string, { instruments, target, timeoutMs }: OperateParts): Operate {
  const { tracer, operationDuration } = instruments;
  const server: Attributes = {
    'server.address': target.host,
    ...(target.port !== undefined && { 'server.port': target.port }),
  };
  return async ({ name, ...doing }, work) => {
    const attributes: Attributes = {
      'db.system.name': 'mongodb',
      'db.namespace': target.database,
      'db.operation.name': name,
      ...(collection !== '' && { 'db.collection.name': collection }),
    };
    const title = [name, collection].filter(Boolean).join(' ');
    const started = performance.now();
    const span = tracer.startSpan(
      title,
      { kind: SpanKind.CLIENT, attributes: { ...attributes, ...server } },
      currentContext(),
    );
    let failure: Attributes | undefined;
    try {
      return await within(timeoutMs, { ...doing, collection, shown: target.shown }, work);
    } catch (error) {
      const { reason, code, cause } = toServiceError(error);
      const status = /\((\d+)\)$/.exec((cause as Error | undefined)?.message ?? '')?.[1];
      failure = { 'error.type': reason ?? code, ...(status && { 'db.response.status_code': status }) };
      span.setAttributes(failure).setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
      const { 'error.type': type } = failure ?? {};
      const measured = type === undefined ? attributes : { ...attributes, 'error.type': type };
      operationDuration.record((performance.now() - started) / 1_000, measured);
    }
  };
}

/** As long as the operation has, or what is left of the call. The server is told to give up then, too. */
async function within<Value>(
  timeoutMs: number,
  doing: Doing,
  work: (options: CommandOptions) => Promise<Value>,
): Promise<Value> {
  const call = currentCall();
  const maxTimeMS = Math.max(1, Math.floor(Math.min(timeoutMs, remainingMs(call) ?? timeoutMs)));
  const over = AbortSignal.timeout(timeoutMs);
  const signal = call?.signal ? AbortSignal.any([call.signal, over]) : over;
  try {
    return await untilAborted(signal, () => work({ maxTimeMS }));
  } catch (error) {
    if (call?.signal?.aborted && error === signal.reason) throw error;
    throw over.aborted && error === signal.reason ? timedOut(doing, error) : translate(error, doing);
  }
}

/** Uses the client now in force for one operation. */
export async function withDatabase<Value>(
  clients: Clients,
  database: string,
  work: (db: Db) => Promise<Value>,
): Promise<Value> {
  const held = clients.hold();
  try {
    return await work(held.client.db(database));
  } finally {
    held.release();
  }
}
