import { isCompressible, negotiateCoding, type Coding } from './compress.ts';
import { answeredUnchanged } from './conditional.ts';
import type { RestExchange } from './exchange.ts';
import { noHeaders } from './reply.ts';
import { send, type Prepared } from './send.ts';

/** Sends a whole answer; gives a promise only where it has to be compressed first. */
export type Deliver = (exchange: RestExchange, prepared: Prepared) => void | Promise<void>;

/**
 * Makes what sends whole answers of a media type: as 304 to a client that has them already, and compressed to one that
 * likes it, if that is wanted.
 */
export function createDeliver(contentType: string, compression: boolean): Deliver {
  const negotiates = compression && isCompressible(contentType);

  async function deliverCoded(exchange: RestExchange, { status, headers, text }: Prepared, coding: Coding) {
    const compressed = await coding.compress(text!);
    if (!exchange.over) send(exchange, { status, headers, text: compressed }, contentType);
  }

  return (exchange, prepared) => {
    let answer = prepared;
    let coding: Coding | undefined;
    if (negotiates && prepared.text !== undefined) {
      const accepted = exchange.request.headers['accept-encoding'];
      const negotiated = negotiateCoding(accepted, prepared.headers, prepared.text.length);
      ({ coding } = negotiated);
      answer = { ...prepared, headers: negotiated.headers };
    }
    if (answer.headers !== noHeaders && answeredUnchanged(exchange, answer)) return;
    if (coding) return deliverCoded(exchange, answer, coding);
    send(exchange, answer, contentType);
  };
}
