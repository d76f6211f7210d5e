import { ServiceError, type Code } from '@org/errors';

/** What failures of transports have in common over every broker. */
export interface TransportFailure {
  /** What was being done: publish `orders.order.placed.v1`, as in "Cannot publish …". */
  readonly doing: string;
  /** What went wrong and what to do about it, in one clause. */
  readonly why: string;
  readonly cause?: unknown;
}

/** Nothing was sent: the broker is away, or takes no messages. The same call may go well soon. */
export function brokerUnavailable(failure: TransportFailure): ServiceError {
  return failed({ code: 'unavailable', reason: 'BROKER_UNAVAILABLE', delivered: 'no' }, failure);
}

/** It was sent, and nobody knows whether the broker has it: sending it again may deliver it twice. */
export function publishUnconfirmed(failure: TransportFailure): ServiceError {
  return failed({ code: 'unavailable', reason: 'PUBLISH_UNCONFIRMED', delivered: 'maybe' }, failure);
}

/** Nobody has a queue for the message. */
export function messageUnroutable(type: string): ServiceError {
  const why = 'nobody has a queue for it. Start what consumes it once, or publish it with `unrouted: "accept"`';
  const known = { doing: `publish \`${type}\``, why };
  return failed({ code: 'failed_precondition', reason: 'MESSAGE_UNROUTABLE', delivered: 'no' }, known);
}

/** The broker refuses the message for want of room. */
export function brokerFull(failure: TransportFailure): ServiceError {
  return failed({ code: 'resource_exhausted', reason: 'BROKER_FULL', delivered: 'no' }, failure);
}

/** The broker takes no messages of that size. */
export function messageTooLarge(failure: TransportFailure): ServiceError {
  return failed({ code: 'invalid_argument', reason: 'PAYLOAD_TOO_LARGE', delivered: 'no' }, failure);
}

/** Nobody answers queries of that type. */
export function noResponder(type: string): ServiceError {
  const why = 'nobody answers it at the moment. See that the service which does is running';
  return failed({ code: 'unavailable', reason: 'NO_RESPONDER', delivered: 'no' }, { doing: `ask \`${type}\``, why });
}

/** The broker has something of that name which is made otherwise. */
export function topologyConflict(failure: TransportFailure): ServiceError {
  return failed({ code: 'failed_precondition', reason: 'TOPOLOGY_CONFLICT' }, failure);
}

interface Kind {
  readonly code: Code;
  readonly reason: string;
  readonly delivered?: 'no' | 'maybe';
}

function failed({ code, reason, delivered }: Kind, { doing, why, cause }: TransportFailure): ServiceError {
  return new ServiceError(code, `Cannot ${doing}: ${why}`, {
    reason,
    ...(delivered && { details: { delivered } }),
    ...(cause !== undefined && { cause }),
  });
}
