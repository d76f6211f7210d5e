import { ServiceError } from '@org/errors';
import type { Logger } from '@org/logging';
import type { Resource } from '@org/runtime';
import { within } from './within.ts';

/** Anything that an opener may give: what it holds of a `Resource` is used. */
export type Opened = Partial<Resource> | object | void;

/** Something that did not end well during a stop: which resource, in what, and why. */
export interface Trouble {
  readonly resource: string;
  readonly during: 'drain' | 'disposal';
  /** What it threw; `undefined` when it did not end in time. */
  readonly error?: unknown;
}

/** The open resources of a service, in the order in which they were opened. */
export interface Resources {
  /**
   * Runs one opener, at most `timeoutMs`; what it gives is closed by `close`, or at once when `close` has begun.
   *
   * @throws {ServiceError} the opener's code with START_FAILED; `deadline_exceeded` START_TIMEOUT; `cancelled`
   *   STOPPED_DURING_START.
   */
  open<Value>(name: string, opener: () => Value | Promise<Value>): Promise<Value>;
  /** Drains and closes everything in reverse order by `deadline` (on the clock of `performance.now()`). Never rejects. */
  close(deadline: number): Promise<readonly Trouble[]>;
}

interface Entry {
  readonly name: string;
  readonly resource: Partial<Resource>;
}

/** Makes an empty list of resources. An aborted `signal` ends the opening that is under way. */
export function createResources(options: { logger: Logger; timeoutMs: number; signal: AbortSignal }): Resources {
  const { logger, timeoutMs, signal } = options;
  const entries: Entry[] = [];
  const names = new Set<string>();
  let closing = false;

  return {
    async open(name, opener) {
      if (names.has(name))
        throw new TypeError(`Expected each name in \`start\` to be used once, got \`${name}\` again`);
      names.add(name);
      if (closing || signal.aborted) throw stoppedWhileOpening(name);
      const startedAt = performance.now();
      const opening = (async () => opener())();
      const opened = await within(opening, timeoutMs, signal).catch((error: unknown) => {
        throw cannotOpen(name, error);
      });
      // Openers may run side by side: what one of them gives after another has failed would stay open.
      if (!opened.ended || closing) {
        closeLate(opening, name, logger);
        throw closing || signal.aborted ? stoppedWhileOpening(name) : tookTooLong(name, timeoutMs);
      }
      if (isObject(opened.value)) entries.push({ name, resource: opened.value });
      logger.debug({ resource: name, durationMs: Math.round(performance.now() - startedAt) }, `opened ${name}`);
      return opened.value;
    },

    async close(deadline) {
      closing = true;
      const troubles: Trouble[] = [];
      // Draining ends a little before the deadline, so that closing and the last log lines still have their time.
      const reserveMs = Math.min(2_000, (deadline - performance.now()) / 10);
      while (entries.length > 0) {
        const entry = entries.pop() as Entry;
        await drain(entry, deadline - reserveMs, troubles);
        await dispose(entry, deadline, troubles);
      }
      return troubles;
    },
  };
}

async function drain({ name, resource }: Entry, until: number, troubles: Trouble[]): Promise<void> {
  if (!resource.drain) return;
  const controller = new AbortController();
  try {
    const draining = Promise.resolve(resource.drain(controller.signal));
    const inTime = await within(draining, until - performance.now());
    if (inTime.ended) return;
    troubles.push({ resource: name, during: 'drain' });
    controller.abort(new ServiceError('deadline_exceeded', `The time to drain ${name} is over`));
    draining.catch(() => {});
  } catch (error) {
    troubles.push({ resource: name, during: 'drain', error });
  }
}

async function dispose({ name, resource }: Entry, deadline: number, troubles: Trouble[]): Promise<void> {
  try {
    const disposing = Promise.resolve(resource[Symbol.asyncDispose]?.());
    // One that hangs may take half of what is left, so that those after it are still closed.
    const inTime = await within(disposing, Math.max(50, (deadline - performance.now()) / 2));
    if (inTime.ended) return;
    disposing.catch(() => {});
    troubles.push({ resource: name, during: 'disposal' });
  } catch (error) {
    troubles.push({ resource: name, during: 'disposal', error });
  }
}

// An opener that nobody waits for any more may still succeed; what it opened then must not stay open.
function closeLate(opening: Promise<unknown>, name: string, logger: Logger): void {
  opening
    .then((resource) => (isObject(resource) ? resource[Symbol.asyncDispose]?.() : undefined))
    .catch((error: unknown) => logger.warn({ resource: name, err: error }, `${name} failed after its time was over`));
}

function isObject(value: unknown): value is Partial<Resource> {
  return typeof value === 'object' && value !== null;
}

function cannotOpen(name: string, cause: unknown): ServiceError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof ServiceError ? cause.code : 'internal';
  return new ServiceError(code, `Cannot open \`${name}\`: ${message}`, { reason: 'START_FAILED', cause });
}

function tookTooLong(name: string, timeoutMs: number): ServiceError {
  const message = `Cannot open \`${name}\`: it was not open after ${timeoutMs} ms. See what it waits for, or set START_TIMEOUT.`;
  return new ServiceError('deadline_exceeded', message, { reason: 'START_TIMEOUT' });
}

function stoppedWhileOpening(name: string): ServiceError {
  const message = `Cannot open \`${name}\`: the service stops`;
  return new ServiceError('cancelled', message, { reason: 'STOPPED_DURING_START' });
}
