import type { NamedEvent } from './contract-messages.ts';
import type { Message } from './message.ts';

const text = (description: string) => ({ type: 'string', description });

/**
 * What every message carries, by the names of CloudEvents' attributes and extensions.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#context-attributes
 */
export const messageTraits = {
  CloudEvent: {
    contentType: 'application/json',
    headers: {
      type: 'object',
      description:
        'A CloudEvent in binary mode. A header has the name of its attribute behind `ce-` (HTTP, NATS) or `cloudEvents:` (AMQP).',
      properties: {
        specversion: { type: 'string', const: '1.0' },
        id: text('Unique with the `source`: a message that comes twice has it twice.'),
        source: text('Who sent it, such as `/services/orders`.'),
        type: text('What kind of message it is.'),
        time: { ...text('When it was made.'), format: 'date-time' },
        subject: text('What it is about, where the source has several such things.'),
        dataschema: text('Where its schema is found.'),
        traceparent: text('The trace that it belongs to (W3C Trace Context).'),
        tracestate: text('What goes with `traceparent`.'),
        correlationid: text('What all messages have in common that one thing led to.'),
        expirytime: {
          ...text('When it loses its use: it may be left unhandled from then on.'),
          format: 'date-time',
        },
        causationid: text('The `id` of what directly led to this one.'),
      },
      required: ['specversion', 'id', 'source', 'type', 'time'],
    },
  },
};

/** What the headers of this message say more exactly than those of all do. */
export function attributesOf(message: Message | NamedEvent): object {
  const hasKey = 'key' in message && message.key !== undefined;
  return {
    type: 'object',
    properties: {
      type: { type: 'string', const: message.type },
      ...(hasKey && { partitionkey: text('Messages with the same one can be handled in their order.') }),
    },
  };
}
