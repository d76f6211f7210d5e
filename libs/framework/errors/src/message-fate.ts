import type { Code } from './codes.ts';

/** What becomes of a message whose handler failed: it is delivered again later, or set aside for a person to look at. */
export type MessageFate = 'retry' | 'dead_letter';

/** The fate of a message by the code of what its handler threw: retried where another attempt may go better. */
export const messageFateByCode = {
  cancelled: 'retry',
  unknown: 'retry',
  invalid_argument: 'dead_letter',
  deadline_exceeded: 'retry',
  not_found: 'dead_letter',
  already_exists: 'dead_letter',
  permission_denied: 'dead_letter',
  resource_exhausted: 'retry',
  failed_precondition: 'dead_letter',
  aborted: 'retry',
  out_of_range: 'dead_letter',
  unimplemented: 'dead_letter',
  internal: 'retry',
  unavailable: 'retry',
  data_loss: 'dead_letter',
  unauthenticated: 'retry',
} as const satisfies Record<Code, MessageFate>;
