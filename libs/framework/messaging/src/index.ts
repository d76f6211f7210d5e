export type { DeadLetter, DeadLetterStore, Failure, Selection } from './dead-letter.ts';
export { failureFrom, failureHeaders, withoutFailure } from './failure-headers.ts';
export type { TopologyReport, TopologyRow } from './topology.ts';
export type {
  BrokerAdapter,
  Delivery,
  Feature,
  Features,
  MessageKind,
  Outcome,
  OutgoingMessage,
  Responding,
  Running,
  Subscription,
  Transport,
  TransportOptions,
  Wanted,
} from './transport.ts';
export {
  brokerFull,
  brokerUnavailable,
  messageTooLarge,
  messageUnroutable,
  noResponder,
  publishUnconfirmed,
  topologyConflict,
  type TransportFailure,
} from './transport-errors.ts';
