import type { Logger } from '@org/logging';

/** What a stream is taken from, one chunk after the other. */
export interface Source {
  readonly next: () => PromiseLike<IteratorResult<unknown>>;
  /** Lets go of what the source holds, whether it came to its end or not. Ends when the source has. */
  readonly release: (logger: Logger) => Promise<void>;
}

/** Streams of Node, and what is like them. */
interface Destroyable {
  readonly destroy: () => unknown;
  readonly on: (event: 'error', listener: () => void) => unknown;
}

/** Opens what a handler gave for a stream; `undefined` when it is none. Nothing is read yet. */
export function openSource(content: unknown): Source | undefined {
  if (typeof content !== 'object' || content === null || !(Symbol.asyncIterator in content)) return undefined;
  const destroyable = isDestroyable(content) ? content : undefined;
  // Whoever reads it is told as well; when nobody does, an error without a listener would end the process.
  destroyable?.on('error', ignore);
  const iterator = (content as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  return {
    next: () => iterator.next(),
    async release(logger) {
      try {
        // The iterator of a stream that was not begun leaves it open.
        if (destroyable) destroyable.destroy();
        else await iterator.return?.();
      } catch (error) {
        logger.warn({ err: error }, 'What a stream was taken from failed while it was closed');
      }
    },
  };
}

function isDestroyable(content: object): content is Destroyable {
  return 'destroy' in content && typeof content.destroy === 'function' && 'on' in content;
}

function ignore(): void {}
