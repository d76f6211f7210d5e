import { compareSchemas, type Direction } from './compare-schemas.ts';
import { promisedMessages, type DocumentedMessage } from './messages-of.ts';
import type { Components } from './schema.ts';

/** Something that a newer document no longer keeps of a message. */
export interface MessageBreak {
  /** Kind and type, such as `event orders.order.placed.v1`. */
  readonly operation: string;
  /** Such as `orders.order.placed.v1`. */
  readonly type: string;
  /** Such as `data /items/0/quantity`, where `*` stands for each item or key. */
  readonly place: string;
  /** What changed, as the end of a sentence that begins with the place. */
  readonly change: string;
}

type Place = Pick<MessageBreak, 'place' | 'change'>;

/**
 * What a newer AsyncAPI 3.0 document of a contract breaks for those who use the older one, message by message: for those who
 * consume what the service publishes, for those who send it commands, and for those who ask it. What it consumes itself binds
 * nobody, a major beside another is a message of its own, and whether there is a partition key does not count.
 */
export function compareAsyncApi(before: Components, after: Components): MessageBreak[] {
  const newer = new Map(promisedMessages(after).map((message) => [message.title, message]));
  return promisedMessages(before).flatMap((was) => {
    const is = newer.get(was.title);
    const places = is ? comparePayloads(was, is, { before, after }) : [{ place: was.kind, change: 'is gone' }];
    return places.map((each) => ({ operation: was.title, type: was.type, ...each }));
  });
}

function comparePayloads(
  was: DocumentedMessage,
  is: DocumentedMessage,
  documents: { readonly before: Components; readonly after: Components },
): Place[] {
  const compare = (place: string, direction: Direction, older: unknown, newer: unknown): Place[] =>
    compareSchemas(older, newer, { direction, ...documents }).map(({ path, text }) => ({
      place: path === '' ? place : `${place} ${path}`,
      change: text,
    }));
  const direction = was.action === 'send' ? 'response' : 'request';
  return [
    ...compare(was.kind === 'query' ? 'request' : 'data', direction, was.payload, is.payload),
    ...compare('reply', 'response', was.reply, is.reply),
  ];
}
