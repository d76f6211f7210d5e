import type { Code } from '@org/errors';
import type { ReceivedMessage } from '@org/payload';

/** Why a message was set aside. */
export interface Failure {
  readonly code: Code;
  readonly reason?: string;
  /** For a person; it holds no value of the payload. */
  readonly message: string;
  /** How many times it was tried, from 1 up. */
  readonly attempts: number;
  /** ISO 8601. */
  readonly firstAt: string;
  /** ISO 8601: when it was set aside. */
  readonly lastAt: string;
  /** The trace of the last attempt, as W3C Trace Context writes it. */
  readonly traceparent?: string;
}

/** A message that was set aside. */
export interface DeadLetter {
  /** The id that it was published with, else one that the transport gave it. Duplicates share it. */
  readonly id: string;
  /** The name of the subscription whose handler could not take it. */
  readonly subscription: string;
  readonly failure: Failure;
  /** As it was delivered, without what tells of the failure. */
  readonly wire: ReceivedMessage;
}

/** Which dead letters are meant. */
export interface Selection {
  /** Must be quick, and must not throw. */
  matches(letter: DeadLetter): boolean;
  /** At most so many, the oldest first. */
  readonly limit: number;
  /** Waited for before each, so that redriving keeps to a rate. */
  before?(letter: DeadLetter): Promise<void>;
}

/**
 * The dead letters of one subscription. Looking at them takes nothing away, and counts as no delivery. All give up when
 * the signal aborts: as `unavailable`, where it was the broker that they waited for.
 */
export interface DeadLetterStore {
  /** The matching ones, the oldest first. An empty list where there is no queue. */
  list(selection: Selection, signal: AbortSignal): Promise<readonly DeadLetter[]>;
  /**
   * Puts the matching ones back into the subscription's own queue, under their id and with their attempts counted anew.
   * Each is in one of both places at any time, or in both: at least once. Gives how many.
   */
  redrive(selection: Selection, signal: AbortSignal): Promise<number>;
  /** Deletes the matching ones for good. Gives how many. */
  remove(selection: Selection, signal: AbortSignal): Promise<number>;
  /** How many there are, and since when the oldest is there (milliseconds since the epoch), as well as the broker knows. */
  size(signal: AbortSignal): Promise<{ readonly count: number; readonly oldestAt: number | undefined }>;
}
