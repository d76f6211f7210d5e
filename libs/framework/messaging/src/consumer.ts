import type { Inbox } from './inbox.ts';
import type { BrokerCore } from './core.ts';
import type { Handler } from './handle.ts';
import type { Subscription } from './transport.ts';

/** What the attempts of one subscription have in common. */
export interface Consumer {
  readonly core: BrokerCore;
  readonly handler: Handler;
  readonly subscription: Subscription & { readonly concurrency: number };
  readonly inbox: Inbox | undefined;
  /** Aborts when the service stops to take messages. */
  readonly stopping: AbortSignal;
  /** Aborts when handlers have no more time. */
  readonly ending: AbortSignal;
}
