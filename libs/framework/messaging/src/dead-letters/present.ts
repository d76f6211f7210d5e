import { decodeMessage, type Binding } from '@org/payload';
import type { DeadLetter } from '../dead-letter.ts';

/** A dead letter as lists show it. */
export interface ListedLetter {
  readonly id: string;
  readonly subscription: string;
  readonly code: string;
  readonly reason?: string;
  readonly message: string;
  readonly attempts: number;
  readonly firstAt: string;
  readonly lastAt: string;
  /** How long ago it was set aside, in whole seconds. */
  readonly ageSeconds: number;
  readonly traceparent?: string;
}

export function listedLetter({ id, subscription, failure }: DeadLetter): ListedLetter {
  const ageSeconds = Math.max(0, Math.round((Date.now() - Date.parse(failure.lastAt)) / 1000));
  return { id, subscription, ...failure, ageSeconds };
}

/** The same with headers and content: the event where it can be read, else the bytes. */
export function shownLetter(letter: DeadLetter, binding: Binding, maximumBytes: number): object {
  const { wire } = letter;
  const shown = { ...listedLetter(letter), headers: wire.headers };
  try {
    return { ...shown, event: decodeMessage(wire, binding, { maximumBytes }) };
  } catch {
    // It may be the very reason why it is here.
    return { ...shown, bytes: Buffer.from(wire.body).subarray(0, maximumBytes).toString('base64') };
  }
}
