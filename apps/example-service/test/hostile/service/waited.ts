import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** How a handler can wait, long as it may be, by name. */
export const waited: Readonly<Record<string, (signal: AbortSignal) => unknown>> = {
  never: () => new Promise(() => undefined),
  obediently: async (signal) => {
    if (!signal.aborted) await once(signal, 'abort');
    throw signal.reason;
  },
  'and-gives-late': async (signal) => {
    if (!signal.aborted) await once(signal, 'abort');
    await delay(50);
    return 'late';
  },
  'and-throws-late': async (signal) => {
    if (!signal.aborted) await once(signal, 'abort');
    await delay(50);
    throw new Error('late');
  },
  'and-throws-in-a-listener': (signal) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error('in a listener'));
      });
    }),
  shortly: () => delay(20, 'short'),
  'by-blocking': () => {
    for (const until = performance.now() + 20; performance.now() < until;);
    return 'blocked';
  },
};
