import type { Operation } from '@org/contract';
import type { Answer } from './client.ts';
import type { Peer } from './connection-failed.ts';
import type { Lifetime } from './lifetime.ts';
import { expectType } from './read-answer.ts';
import { readEvents } from './read-events.ts';
import { readStream } from './read-stream.ts';

/** What bounds a stream. */
export interface StreamBounds {
  readonly lifetime: Lifetime;
  readonly streamIdleMs: number;
  /** Of one event. */
  readonly maximumBodyBytes: number;
}

/**
 * Gives the head of a success whose body is a stream, to be read by whoever called.
 *
 * @throws {ServiceError} internal, ANSWER_MALFORMED, when it has another media type.
 */
export async function openAnswer(
  response: Response,
  { success }: Operation,
  peer: Peer,
  { lifetime, streamIdleMs, maximumBodyBytes }: StreamBounds,
): Promise<Answer> {
  const expected = success.events ? 'text/event-stream' : (success.stream?.mediaType ?? '').split(';', 1)[0]!;
  await expectType(response, (mediaType) => mediaType === expected, `\`${expected}\``, peer);
  lifetime.outliveAttempt();
  const { status, headers } = response;
  const bytes = readStream(response, lifetime, streamIdleMs, peer);
  const body = success.events ? readEvents(bytes, success.events, peer, maximumBodyBytes) : bytes;
  return { status, headers, body };
}
