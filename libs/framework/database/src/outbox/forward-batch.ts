import { runOutsideCalls } from '@org/context';
import { toServiceError, type ServiceError } from '@org/errors';
import type { CloudEvent } from '@org/payload';
import { eventOf, type Failed, type Waiting } from './batch.ts';

/** A broker, as `openBroker` of `@org/messaging` gives it. */
export interface OutboxBroker {
  /**
   * Hands over a message that was made before. Resolves when the broker has it safely.
   *
   * Rejects with a `ServiceError`: invalid_argument for what it will never take as it is, unavailable when it is away.
   */
  forward(event: CloudEvent, options: ForwardOptions): Promise<unknown>;
}

export interface ForwardOptions {
  readonly kind: 'event' | 'command';
  readonly signal: AbortSignal;
  readonly unrouted?: 'refuse' | 'accept';
}

/** What became of a batch. */
export interface Forwarded {
  /** With how long it took from the beginning of the batch, in milliseconds. */
  readonly delivered: (Waiting & { readonly tookMs: number })[];
  readonly failed: (Failed & { readonly message: Waiting; readonly cause: ServiceError })[];
}

export interface ForwardBatchOptions extends Omit<ForwardOptions, 'kind'> {
  readonly broker: OutboxBroker;
  /** After what time no further one of a key is begun, in milliseconds: others wait for the batch. */
  readonly budgetMs: number;
}

/** The bounds of the time after which a message that was not taken is tried again, in milliseconds. */
const firstPauseMs = 1_000;
const longestPauseMs = { away: 5_000, refused: 60_000 };

/**
 * Hands messages to the broker: all keys side by side, those of one key one after the other, up to the first that fails.
 * Never rejects.
 */
export async function forwardBatch(messages: readonly Waiting[], options: ForwardBatchOptions): Promise<Forwarded> {
  const { broker, signal, budgetMs, unrouted } = options;
  const forwarded: Forwarded = { delivered: [], failed: [] };
  const startedAt = performance.now();
  const until = startedAt + budgetMs;

  const forward = async (message: Waiting): Promise<boolean> => {
    try {
      const event = eventOf(message);
      // Whatever runs in there has no part in the transaction of this batch.
      await runOutsideCalls(() => broker.forward(event, { kind: message.kind, signal, ...(unrouted && { unrouted }) }));
      forwarded.delivered.push({ ...message, tookMs: performance.now() - startedAt });
      return true;
    } catch (thrown) {
      const cause = toServiceError(thrown);
      forwarded.failed.push({ ...failureOf(message, cause), message, cause });
      return false;
    }
  };
  const lane = async (ofKey: readonly Waiting[]) => {
    for (const [index, message] of ofKey.entries()) {
      if (signal.aborted || (index > 0 && performance.now() > until)) return;
      if (!(await forward(message))) return;
    }
  };
  await Promise.all(lanesOf(messages).map(lane));
  return forwarded;
}

function lanesOf(messages: readonly Waiting[]): Waiting[][] {
  const byKey = new Map<unknown, Waiting[]>();
  for (const message of messages) {
    if (!message.ready) continue;
    const lane = message.key ?? message;
    const others = byKey.get(lane);
    if (others) others.push(message);
    else byKey.set(lane, [message]);
  }
  return [...byKey.values()];
}

/** Whether the broker is not to be had, as opposed to what it says of one message. */
export function isAway({ code }: ServiceError): boolean {
  return code === 'unavailable' || code === 'deadline_exceeded' || code === 'cancelled';
}

function failureOf({ position, attempts }: Waiting, cause: ServiceError): Failed {
  const error = describe(cause).slice(0, 500);
  // What is wrong with the message itself stays wrong; anything else somebody may mend.
  if (cause.code === 'invalid_argument') return { position, error, pauseMs: undefined };
  const longestMs = isAway(cause) ? longestPauseMs.away : longestPauseMs.refused;
  return { position, error, pauseMs: Math.min(longestMs, firstPauseMs * 2 ** Math.min(attempts, 20)) };
}

/** For the operator. What misuse throws says more than what becomes of it. */
function describe({ code, reason, message, cause }: ServiceError): string {
  if (cause instanceof TypeError) return `TypeError: ${cause.message}`;
  return `${[code, reason].filter(Boolean).join(' ')}: ${message}`;
}
