import { MsgHdrsImpl, type Msg, type MsgHdrs } from '@nats-io/transport-node';

/** By this id the server recognises what it has already. */
export const duplicateIdHeader = 'Nats-Msg-Id';

/** The id that a dead or redriven message was published with: its own for the server is another one. */
export const publishedIdHeader = 'published-id';

/** Headers as the client takes them; it would spend far more time on adding them one by one. */
export function toNatsHeaders(headers: Readonly<Record<string, string>>): MsgHdrs {
  const lists: Record<string, string[]> = {};
  for (const name in headers) {
    if (!/^[!-9;-~]+$/.test(name) || /[\r\n]/.test(headers[name]!)) {
      throw new TypeError(`Expected headers to have names and values without line breaks, got \`${name}\``);
    }
    lists[name] = [headers[name]!];
  }
  return MsgHdrsImpl.fromRecord(lists);
}

/** The headers of a message, without what the server and this adapter put beside them. */
export function fromNatsHeaders({ headers }: Pick<Msg, 'headers'>): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, values] of headers ?? []) {
    if (name === publishedIdHeader || name.startsWith('Nats-')) continue;
    const value = values.length === 1 ? values[0] : values;
    // A name like others, that would change what the object is.
    if (name === '__proto__') Object.defineProperty(plain, name, { value, enumerable: true });
    else plain[name] = value;
  }
  return plain;
}

/** The id that a message was published with; foreign publishers may give that of its event alone. */
export function publishedIdOf({ headers }: Pick<Msg, 'headers'>): string | undefined {
  return headers?.get(publishedIdHeader) || headers?.get(duplicateIdHeader) || headers?.get('ce-id') || undefined;
}
