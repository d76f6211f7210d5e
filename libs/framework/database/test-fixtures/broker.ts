import { ServiceError } from '@org/errors';
import { defineCommand, defineEvent } from '@org/contract';
import type { CloudEvent } from '@org/payload';
import * as z from 'zod';
import type { ForwardOptions, OutboxBroker } from '../src/index.ts';

const data = z.object({ id: z.string(), number: z.int().default(0), text: z.string().optional() });

export const placed = defineEvent({
  type: 'orders.order.placed.v1',
  summary: 'An order was placed',
  data,
  key: ({ id }) => id,
});
export const noted = defineEvent({ type: 'orders.note.written.v1', summary: 'Somebody wrote a note', data });
export const ship = defineCommand({ type: 'shipping.parcel.ship.v1', summary: 'Ship it', data });

export interface Forwarded {
  readonly event: CloudEvent<z.output<typeof data>>;
  readonly kind: string;
}

/** A broker that keeps what it takes, and does whatever a test wants before. */
export interface TestBroker extends OutboxBroker {
  readonly taken: Forwarded[];
  /** `a1`, `a2`, … in the order in which they were taken. */
  readonly names: () => string[];
  /** How often something was handed over, whether it was taken or not. */
  readonly calls: () => number;
  /** Called with each; what it throws the broker throws. */
  before: (event: Forwarded['event'], options: ForwardOptions) => Promise<void> | void;
}

export function createTestBroker(): TestBroker {
  let calls = 0;
  const broker: TestBroker = {
    taken: [],
    names: () => broker.taken.map(({ event }) => `${event.data?.id}${event.data?.number}`),
    calls: () => calls,
    before: () => {},
    async forward(given, options) {
      calls += 1;
      const event = given as Forwarded['event'];
      await broker.before(event, options);
      broker.taken.push({ event, kind: options.kind });
    },
  };
  return broker;
}

export const away = () =>
  new ServiceError('unavailable', 'Cannot publish: the broker is away', { reason: 'BROKER_UNAVAILABLE' });
export const tooLarge = () =>
  new ServiceError('invalid_argument', 'Cannot publish: it is too large', { reason: 'PAYLOAD_TOO_LARGE' });
export const unroutable = () =>
  new ServiceError('failed_precondition', 'Cannot publish: nobody has a queue', { reason: 'MESSAGE_UNROUTABLE' });
