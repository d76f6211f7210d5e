export { deadlineExceeded } from './call-signal.ts';
export { createCall, remainingMs, type Call, type CallOptions, type Identity } from './call.ts';
export { createCallContext } from './call-context.ts';
export {
  createContextManager,
  currentContext,
  currentCall,
  runInCall,
  runInContext,
  runOutsideCalls,
} from './storage.ts';
export { pause, untilAborted } from './until-aborted.ts';
