import { createHash } from 'node:crypto';
import { ServiceError } from '@org/errors';
import { messageTooLarge } from '@org/messaging';
import { amqpBinding, type ReceivedMessage, type WireMessage } from '@org/payload';
import type { AsyncMessage, Envelope } from 'rabbitmq-client';
import { frameBytes } from './location.ts';

/** What a message has besides what was sent with it. */
export interface Facts {
  readonly id: string | undefined;
  /** How many attempts were made at earlier copies of it. */
  readonly attempts?: number;
  /** When it was delivered for the first time, in milliseconds since the epoch. */
  readonly firstAt?: number;
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where a foreign publisher may have put the id of an event. */
const eventIdHeaders = amqpBinding.prefixes.map((prefix) => `${prefix}id`);
// Names of headers that are this library's own; they never reach a consumer.
const [attemptsHeader, firstAtHeader, idHeader] = ['x-attempts', 'x-first-at', 'x-message-id'];
/** Headers that the broker writes, and that would mean something else in a copy. */
const brokersOwn =
  /^x-(?:death|delivery-count|acquired-count|first-death-(?:exchange|queue|reason)|last-death-(?:exchange|queue|reason))$/;
/** The longest that a name, a type or an id may be in this protocol, in bytes. */
const longestShortText = 255;
/** More than this the broker does not take in one message, whatever it is configured to. */
const mostBytes = 128 * 2 ** 20;
/** Headers travel in one frame. */
const mostHeaderBytes = frameBytes - 4_096;

/**
 * Writes a message in the terms of this protocol.
 *
 * @throws {ServiceError} invalid_argument, PAYLOAD_TOO_LARGE, before the client would close its channel over it.
 */
export function toEnvelope(wire: WireMessage | ReceivedMessage, facts: Facts, doing: string): Envelope {
  const { 'content-type': contentType, 'content-encoding': contentEncoding, ...headers } = wire.headers as Strings;
  const id = facts.id === undefined ? undefined : shortId(facts.id);
  const all = {
    ...headers,
    ...(id !== facts.id && { [idHeader]: facts.id }),
    ...(facts.attempts !== undefined && { [attemptsHeader]: facts.attempts }),
    ...(facts.firstAt !== undefined && { [firstAtHeader]: String(facts.firstAt) }),
    ...facts.headers,
  };
  assertFits(wire.body, all, contentType, doing);
  return {
    durable: true,
    mandatory: true,
    ...(id !== undefined && { messageId: id }),
    ...(contentType !== undefined && { contentType }),
    // With an encoding the client hands out bytes as they came, instead of reading JSON and text by itself.
    contentEncoding: contentEncoding ?? (isText(contentType) ? 'utf-8' : undefined),
    headers: all,
  };
}

/** What was sent, without what the broker and this library added. */
export function fromMessage(message: AsyncMessage): ReceivedMessage {
  const headers: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    if (!isOwn(name)) headers[name] = value;
  }
  const { contentType, contentEncoding } = message;
  if (contentType !== undefined) headers['content-type'] = contentType;
  if (contentEncoding !== undefined && !(contentEncoding === 'utf-8' && isText(contentType))) {
    headers['content-encoding'] = contentEncoding;
  }
  return { headers, body: bytesOf(message) };
}

/** What the broker and earlier copies know of a message. */
export function factsOf(message: AsyncMessage): { id: string | undefined; attempt: number; firstAt: number } {
  const headers = (message.headers ?? {}) as Record<string, unknown>;
  // Deliveries of this copy that nobody settled; the broker counts them from the second one on.
  const unsettled = count(headers['x-delivery-count']);
  const now = Date.now();
  const storedAt = message.redelivered ? count(message.timestamp) * 1_000 : 0;
  // Others may say anything, of the future too.
  const firstAt = Math.min(count(headers[firstAtHeader]) || storedAt || now, now);
  return { id: idOf(message), attempt: count(headers[attemptsHeader]) + unsettled + 1, firstAt };
}

/** The id that a message was published with; `undefined` where it has none. */
function idOf({ headers = {}, messageId }: AsyncMessage): string | undefined {
  if (isName(headers[idHeader])) return headers[idHeader];
  if (isName(messageId)) return messageId;
  return eventIdHeaders.map((name): unknown => headers[name]).find(isName);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isOwn(name: string): boolean {
  if (!name.startsWith('x-')) return false;
  return name === attemptsHeader || name === firstAtHeader || name === idHeader || brokersOwn.test(name);
}

type Strings = Readonly<Record<string, string | undefined>>;

function count(value: unknown): number {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

function shortId(id: string): string {
  return Buffer.byteLength(id) <= longestShortText ? id : createHash('sha256').update(id).digest('hex');
}

function isText(contentType: string | undefined): boolean {
  return contentType === 'application/json' || contentType === 'text/plain';
}

/** The client has read what a foreign publisher sent without an encoding. */
function bytesOf({ body, contentType }: AsyncMessage): Uint8Array {
  if (Buffer.isBuffer(body)) return body;
  if (contentType === 'text/plain') return Buffer.from(String(body));
  return Buffer.from(JSON.stringify(body));
}

function assertFits(
  body: Uint8Array,
  headers: Readonly<Record<string, unknown>>,
  contentType: string | undefined,
  doing: string,
): void {
  const refuse = (why: string): never => {
    throw messageTooLarge({ doing, why });
  };
  if (body.length > mostBytes) refuse(`it has ${body.length} bytes, and RabbitMQ takes ${mostBytes} at most`);
  let most = 0;
  for (const name in headers) {
    if (name.length > longestShortText) refuse(`the name of a header is longer than ${longestShortText} bytes`);
    const value = headers[name];
    // Three bytes a character at most, and eight around each.
    most += (name.length + (typeof value === 'string' ? value.length : Infinity)) * 3 + 8;
  }
  if (most > mostHeaderBytes && bytesOfHeaders(headers) > mostHeaderBytes) {
    refuse(`its headers are larger than the ${mostHeaderBytes} bytes that RabbitMQ takes`);
  }
  if (contentType !== undefined && Buffer.byteLength(contentType) > longestShortText) {
    refuse(`its content type is longer than ${longestShortText} bytes`);
  }
}

/** How much headers take in a frame, or a little more. */
function bytesOfHeaders(headers: Readonly<Record<string, unknown>>): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    // Tables and lists of others take less than as JSON.
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text) + 8;
  }
  return bytes;
}

/** @throws {ServiceError} invalid_argument when a name is longer than this protocol lets it be. */
export function assertName(what: string, name: string): void {
  if (Buffer.byteLength(name) <= longestShortText) return;
  const message = `Cannot use \`${name.slice(0, 100)}…\` as the name of ${what}: it is longer than ${longestShortText} bytes`;
  throw new ServiceError('invalid_argument', message);
}
