export { messagingConformance, type ConformanceCase, type ConformanceOptions } from './conformance.ts';
export { createLedger, each, type Ledger } from './ledger.ts';
