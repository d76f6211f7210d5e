import { ServiceError, httpStatusByCode, isCode, toServiceError, type ErrorDetails } from '@org/errors';
import { createEvent, decodeMessage, encodeBinary, type ReceivedMessage, type WireMessage } from '@org/payload';
import type { BrokerCore } from './core.ts';

/** The header of a reply that is an error: its code. */
const codeHeader = 'reply-error';

/** What is said of an error in a reply. */
interface SentError {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: ErrorDetails;
}

/** Writes the reply to a query. */
export function encodeReply(core: BrokerCore, type: string, data: unknown): WireMessage {
  const { binding, rules, service } = core;
  const event = createEvent({ type, source: `/services/${service.name}`, data });
  return encodeBinary(event, binding, { maximumBytes: rules.maximumBytes });
}

/** Writes what a handler threw; as over HTTP, the text of an error is sent only if its code blames the asker. */
export function encodeError(core: BrokerCore, type: string, thrown: unknown): WireMessage {
  const { code, reason, message, details } = toServiceError(thrown);
  const blamesAsker = httpStatusByCode[code] < 500;
  const error: SentError = {
    ...(reason !== undefined && { reason }),
    ...(blamesAsker && { message }),
    ...(details !== undefined && { details }),
  };
  const { headers, body } = encodeReply(core, type, error);
  return { headers: { ...headers, [codeHeader]: code }, body };
}

/**
 * Reads the data of a reply.
 *
 * @throws {ServiceError} what the responder's handler threw, rebuilt; internal, REPLY_INVALID, for a reply that is none.
 */
export function decodeReply(core: BrokerCore, type: string, wire: ReceivedMessage): unknown {
  const { binding, rules } = core;
  const code = wire.headers[codeHeader];
  let data: unknown;
  try {
    data = decodeMessage(wire, binding, { maximumBytes: rules.maximumBytes }).data;
  } catch (cause) {
    throw replyInvalid(type, cause);
  }
  if (!isCode(code)) return data;
  const { reason, message, details } = (data ?? {}) as SentError;
  throw new ServiceError(code, message ?? `The service that answers \`${type}\` failed: ${code}`, {
    ...(isReason(reason) && { reason }),
    ...(typeof details === 'object' && details !== null && { details }),
  });
}

/** The reply is not what the contract says. */
export function replyInvalid(type: string, cause: unknown): ServiceError {
  const { message } = toServiceError(cause);
  const text = `The reply to \`${type}\` is not what the contract says: ${message}`;
  return new ServiceError('internal', text, { reason: 'REPLY_INVALID', cause });
}

function isReason(reason: unknown): reason is string {
  return typeof reason === 'string' && reason.length <= 100 && /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(reason);
}
