import type { CommandMessage, EventMessage, Sent } from '@org/contract';
import type { Logger } from '@org/logging';
import { natsBinding } from '@org/payload';
import { consume } from '../consume.ts';
import { createBroker } from '../create-broker.ts';
import type { Handler } from '../handle.ts';
import { memoryFeatures } from '../memory/memory-transport.ts';
import type { Delivery, Outcome, Transport } from '../transport.ts';

export interface DeliverOptions {
  /** Which attempt this is, from 1 up. Default: 1. */
  readonly attempt?: number;
}

/** Handlers to which messages can be delivered. */
export interface DeliveredTo {
  /**
   * Has the handler of a message work on it once, and gives what becomes of the message: `acknowledge`, `retry` with the delay,
   * or `dead-letter` with the failure.
   *
   * @throws {ServiceError} as `publish`: data that does not fit its schema is refused, and no handler sees it.
   */
  deliver<Delivered extends EventMessage | CommandMessage>(
    message: Delivered,
    data: Sent<Delivered['data']>,
    options?: DeliverOptions,
  ): Promise<Outcome>;
}

type Deliver = (delivery: Delivery) => Promise<Outcome>;

const silent = () => undefined;
const levels = { trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent };
const logger: Logger = { ...levels, child: () => logger, named: () => logger };

/**
 * Runs handlers as `consume` does, without a broker: messages are encoded, read, checked and handled, and the error decides.
 *
 * @throws {TypeError} for two handlers of one message.
 */
export async function deliverTo(handlers: readonly Handler[]): Promise<DeliveredTo> {
  const messages = handlers.map(({ message }) => message);
  const consumes = messages.filter((message): message is EventMessage => message.kind === 'event');
  const handles = messages.filter((message): message is CommandMessage => message.kind === 'command');
  const delivers = new Map<string, Deliver>();
  const next: { attempt: number; outcome?: Outcome } = { attempt: 1 };
  const idle = { stop: async () => undefined, lag: async () => 0 };
  const transport: Pick<Transport, 'features' | 'publish' | 'subscribe'> = {
    features: memoryFeatures,
    async publish({ type, id, wire }) {
      const deliver = delivers.get(type);
      if (!deliver) throw new TypeError(`Expected a handler of \`${type}\`, got none`);
      next.outcome = await deliver({ wire, id, attempt: next.attempt, firstAt: Date.now() });
    },
    async subscribe({ types }, deliver) {
      for (const type of types) delivers.set(type, deliver);
      return idle;
    },
  };
  const contract = { publishes: majorsOf(consumes), consumes, handles };
  const runtime = { logger, contract, service: { name: 'test', version: '0.0.0', commit: undefined } };
  const broker = createBroker(transport as Transport, { name: 'test', binding: natsBinding }, {}, runtime);
  await consume(broker, handlers, {}, runtime);
  return {
    async deliver(message, data, { attempt = 1 } = {}) {
      next.attempt = attempt;
      await (message.kind === 'event' ? broker.publish(message, data) : broker.send(message, data));
      return next.outcome!;
    },
  };
}

/** Events with the older majors that are upcast. */
function majorsOf(events: readonly EventMessage[]): EventMessage[] {
  return events.flatMap((event) => [event, ...(event.upcast ? majorsOf([event.upcast.from]) : [])]);
}
