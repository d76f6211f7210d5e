import { exampleNewOrder } from '@org/example-service-contract';

/** An ordinary order, as JSON. */
export const order = JSON.stringify(exampleNewOrder);

/** The start of an ordinary request to place an order, up to its length. */
export const orderHead = 'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

/** A request without a body: the first line, `Host`, and header lines as they are. */
export function ask(target: string, lines: readonly string[] = [], method = 'GET'): string {
  return [`${method} ${target} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n');
}

/** A request to place an order, with the right length in bytes. */
export function post(body: string | Uint8Array, lines: readonly string[] = [], path = '/orders'): Buffer {
  const bytes = Buffer.from(body as string);
  const isTyped = lines.some((line) => /^content-type:/i.test(line));
  const type = isTyped ? [] : ['Content-Type: application/json'];
  const head = [`POST ${path} HTTP/1.1`, 'Host: x', ...type, `Content-Length: ${bytes.length}`, ...lines, '', ''];
  return Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), bytes]);
}

/** The same request in chunks, framed as it should be. */
export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}
