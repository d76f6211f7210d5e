import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { Coding } from './compress.ts';

/** The body of an answer that comes bit by bit. */
export interface Sink {
  /** Gives `false` when it is full. */
  write(chunk: string | Uint8Array): boolean;
  isFull(): boolean;
  /** Ends when it is full no longer. When the client is gone that is never. */
  drained(): Promise<void>;
  /** Sends what waits for more to be sent with. */
  flush(): void;
  end(): void;
}

/** How long, in milliseconds, an encoder keeps what more of the same would make smaller. */
const flushAfterMs = 100;

/** Opens the body of an answer whose head is written: to the client, through an encoder where there is a coding. */
export function openSink(response: ServerResponse, coding: Coding | undefined): Sink {
  if (coding) return openEncodedSink(response, coding);
  return {
    write: (chunk) => response.write(chunk),
    isFull: () => response.writableNeedDrain,
    drained: createDrained(response),
    flush: () => undefined,
    end: () => void response.end(),
  };
}

function openEncodedSink(response: ServerResponse, { createEncoder }: Coding): Sink {
  const encoder = createEncoder();
  encoder.once('error', (error) => response.destroy(error)).pipe(response);
  let timer: NodeJS.Timeout | undefined;
  response.once('close', () => {
    clearTimeout(timer);
    encoder.destroy();
  });
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    encoder.flush();
  };
  return {
    write(chunk) {
      timer ??= setTimeout(flush, flushAfterMs).unref();
      return encoder.write(chunk);
    },
    isFull: () => encoder.writableNeedDrain,
    drained: createDrained(encoder),
    flush,
    end: () => void encoder.end(),
  };
}

/** One listener for the whole stream: middleware that stands in for a response does not always take listeners off. */
function createDrained(writable: Writable): () => Promise<void> {
  let waiting: PromiseWithResolvers<void> | undefined;
  writable.on('drain', () => waiting?.resolve());
  return () => {
    waiting = Promise.withResolvers();
    return waiting.promise;
  };
}
