import type * as z from 'zod';
import { faultOfMessage } from './message-fault.ts';
import type {
  CommandDefinition,
  CommandMessage,
  EventDefinition,
  EventMessage,
  Message,
  QueryDefinition,
  QueryMessage,
} from './message.ts';

/**
 * States an event: something that happened, which a service publishes and whoever wants consumes. What breaks consumers is a new
 * major beside the old one, with an `upcast` from it.
 *
 * @throws {TypeError} when the type is none, or the upcast is not from an older major of the same event.
 * @example
 * const orderPlaced = defineEvent({
 *   type: 'orders.order.placed.v1', summary: 'An order was placed', data: order, key: ({ id }) => id,
 * });
 */
export function defineEvent<
  const Type extends string,
  Data extends z.ZodType,
  Older extends EventMessage = EventMessage,
>(definition: EventDefinition<Type, Data, Older>): EventMessage<Data, Type> {
  return held({ ...definition, kind: 'event' });
}

/**
 * States a command: something that the one service which handles it is told to do, without an answer.
 *
 * @throws {TypeError} when the type is none, or the upcast is not from an older major of the same command.
 */
export function defineCommand<
  const Type extends string,
  Data extends z.ZodType,
  Older extends CommandMessage = CommandMessage,
>(definition: CommandDefinition<Type, Data, Older>): CommandMessage<Data, Type> {
  return held({ ...definition, kind: 'command' });
}

/**
 * States a query: a question to the one service that answers it.
 *
 * @throws {TypeError} when the type is none, or the time-out is no whole number of milliseconds.
 */
export function defineQuery<const Type extends string, Request extends z.ZodType, Reply extends z.ZodType>(
  definition: QueryDefinition<Type, Request, Reply>,
): QueryMessage<Request, Reply, Type> {
  return held({ ...definition, kind: 'query' });
}

function held<Defined extends Message>(message: Defined): Defined {
  const fault = faultOfMessage(message);
  if (fault) throw new TypeError(`${fault} in the ${message.kind} \`${message.type}\``);
  return message;
}
