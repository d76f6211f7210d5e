// What services use.
export { answer, type Answer, type Asked } from './answer.ts';
export type { Broker, ForwardOptions, PublishOptions, RequestOptions, SendOptions, SentMessage } from './broker.ts';
export { deadLetters } from './commands/dead-letters.ts';
export type { DeclaredOptions } from './commands/declared.ts';
export { topology } from './commands/topology.ts';
export { consume, type ConsumeOptions, type Consumers } from './consume.ts';
export { handle, type Delivered, type HandleOptions, type Handler, type Incoming } from './handle.ts';
export { memoryInbox, type Inbox, type MemoryInboxOptions } from './inbox.ts';
export { openBroker, type OpenBrokerOptions } from './open-broker.ts';
export { respond, type Responders, type RespondOptions } from './respond.ts';
export { brokerSettings, type BrokerAdapters, type BrokerSettings } from './settings.ts';

// What adapters and suites use.
export { createBackoff, type Backoff } from './backoff.ts';
export { createBroker, type BrokerOptions } from './create-broker.ts';
export type { BrokerRules } from './core.ts';
export type { DeadLetter, DeadLetterStore, Failure, Selection } from './dead-letter.ts';
export { failureFrom, failureHeaders, withoutFailure } from './failure-headers.ts';
export { createMemoryServer, type MemoryServer } from './memory/memory-server.ts';
export { memoryAdapter, memoryFeatures } from './memory/memory-transport.ts';
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
