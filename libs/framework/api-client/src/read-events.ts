import type { ServerSentEvent } from '@org/contract';
import type * as z from 'zod';
import { answerTooLarge, answerUnreadable, isUnreadable } from './answer-faults.ts';
import { checkBody } from './check-body.ts';
import type { Callee } from './error-from-answer.ts';
import { EventTooLarge, parseEvents } from './parse-events.ts';
import { parse } from './read-answer.ts';

/**
 * The events of an answer, each checked by the schema of their data.
 *
 * @throws {ServiceError} `internal` with ANSWER_TOO_LARGE, ANSWER_MALFORMED or ANSWER_INVALID.
 */
export async function* readEvents(
  bytes: AsyncIterable<Uint8Array>,
  schema: z.ZodType,
  callee: Callee,
  maximum: number,
): AsyncGenerator<ServerSentEvent> {
  try {
    for await (const event of parseEvents(bytes, maximum)) {
      yield { ...event, data: checkBody(schema, parse(event.data, callee), callee) };
    }
  } catch (thrown) {
    if (thrown instanceof EventTooLarge) throw answerTooLarge(callee, maximum);
    if (isUnreadable(thrown)) throw answerUnreadable(callee, 'it is not UTF-8', thrown);
    throw thrown;
  }
}
