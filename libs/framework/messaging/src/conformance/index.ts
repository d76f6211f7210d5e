export { messagingConformance, type ConformanceCase, type ConformanceOptions } from './conformance.ts';
export { inboxConformance } from './inbox.ts';
export { createLedger, each, type Ledger } from './ledger.ts';
