import type { CommandMessage, EventMessage } from '@org/contract';
import type { HandleOptions } from './handle.ts';
import type { Subscription } from './transport.ts';

export interface SubscriptionOptions extends HandleOptions {
  /** The consumer group of events: each group gets every event. Default: the name of the service. */
  readonly group?: string;
}

/** What a queue is for: a message, or what a contract knows of it by its type alone. */
export type Subscribed = Pick<EventMessage | CommandMessage, 'kind' | 'type' | 'upcast'>;

const defaults = {
  concurrency: 10,
  retryDelaysMs: [1_000, 10_000, 60_000, 600_000],
  timeoutMs: 30_000,
  ordered: false,
};

/** How many messages of an ordered subscription may be held for each that is worked on: they wait for others of their key. */
const heldPerPlace = 10;

/** The longest that a timer can wait. */
const longestMs = 2 ** 31 - 1;

/**
 * The subscription of a handler.
 *
 * @throws {RangeError} for options out of their limits.
 */
export function subscriptionOf(
  message: Subscribed,
  options: SubscriptionOptions,
  service: string,
): Subscription & { readonly concurrency: number } {
  const {
    concurrency,
    retryDelaysMs,
    timeoutMs,
    ordered,
    group = service,
  } = {
    ...defaults,
    ...withoutUndefined(options),
  };
  expectInteger('concurrency', concurrency, 1);
  expectInteger('timeoutMs', timeoutMs, 1);
  for (const delayMs of retryDelaysMs) expectInteger('retryDelaysMs', delayMs, 1);
  if (!/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(group)) {
    throw new RangeError(`Expected \`group\` to be in kebab-case, got \`${group}\``);
  }
  const { kind, type } = message;
  const owner = kind === 'command' ? 'commands' : group;
  return {
    kind,
    group: owner,
    types: majorsOf(message).map((major) => major.type),
    name: `${owner}/${type}`,
    concurrency,
    prefetch: ordered ? Math.max(100, concurrency * heldPerPlace) : concurrency,
    retryDelaysMs,
    ordered,
    timeoutMs,
  };
}

/** Options without those that are `undefined`, which would hide what they stand over. */
export function withoutUndefined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}

/** A message, and the older majors from which it can be made, the newest first. */
export function majorsOf<Message extends Subscribed>(
  message: Message,
): readonly (Message | EventMessage | CommandMessage)[] {
  return message.upcast ? [message, ...majorsOf(message.upcast.from)] : [message];
}

function expectInteger(name: string, value: number, min: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= longestMs) return;
  throw new RangeError(`Expected \`${name}\` to be an integer from ${min} up to ${longestMs}, got \`${value}\``);
}
