export { createCall, remainingMs, type Call, type CallOptions, type Identity } from './call.ts';
export { createContextManager, currentCall, runInCall, runOutsideCalls } from './storage.ts';
