import type { Readable } from 'node:stream';

async function count(stream: Readable): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += (chunk as Buffer).length;
  return bytes;
}

async function first(stream: Readable): Promise<number> {
  for await (const chunk of stream) return (chunk as Buffer).length;
  return 0;
}

/** How a handler can take in an upload, badly as it may be, by name. */
export const uploaded: Readonly<Record<string, (stream: Readable, signal: AbortSignal) => unknown>> = {
  whole: count,
  ignored: () => 0,
  'half-of-it': first,
  'and-throws': () => {
    throw new Error('half-way');
  },
  'and-throws-half-way': async (stream) => {
    await first(stream);
    throw new Error('half-way');
  },
  'and-breaks-it': async (stream) => {
    stream.destroy(new Error('half-way'));
    await count(stream);
  },
  'and-waits': (_, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
};
