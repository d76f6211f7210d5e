import type { Operation } from '@org/contract';
import type { Answer } from './client.ts';
import {
  answerNotModified,
  answerRedirected,
  answerTooLarge,
  answerUnreadable,
  isUnreadable,
} from './answer-faults.ts';
import { checkBody } from './check-body.ts';
import { errorFromAnswer, maximumProblemBytes, type Callee } from './error-from-answer.ts';
import { parseJson } from './parse-json.ts';
import { drain, leave, readText } from './read-body.ts';

/**
 * Throws what an answer says that is no success.
 *
 * @throws {ServiceError} the error that the service answered with; `internal`, ANSWER_REDIRECTED.
 */
export async function refuseFailure(response: Response, { success }: Operation, callee: Callee): Promise<void> {
  const { status, headers } = response;
  if (response.ok || status === success.status) return;
  if (status >= 300 && status < 400) {
    await leave(response);
    if (status === 304) throw answerNotModified(callee);
    throw answerRedirected(callee, status, headers.get('location'), response.url);
  }
  // What says what went wrong is worth reading. When it is too long or broken, the status says enough.
  const text = await readText(response, maximumProblemBytes).catch(() => undefined);
  throw errorFromAnswer(response, text, callee);
}

/**
 * Reads a success to its end and checks it.
 *
 * @throws {ServiceError} `internal` with ANSWER_TOO_LARGE, ANSWER_MALFORMED or ANSWER_INVALID.
 */
export async function readAnswer(
  response: Response,
  { success }: Operation,
  callee: Callee,
  maximumBytes: number,
): Promise<Answer> {
  const { status, headers } = response;
  if (!success.body) {
    await drain(response, maximumProblemBytes);
    return { status, headers, body: undefined };
  }
  await expectType(response, isJson, 'JSON', callee);
  const text = await readText(response, maximumBytes).catch((cause: unknown) => {
    throw isUnreadable(cause)
      ? answerUnreadable(callee, 'it is not UTF-8, or its compression is broken', cause)
      : cause;
  });
  if (text === undefined) throw answerTooLarge(callee, maximumBytes);
  return { status, headers, body: checkBody(success.body, parse(text, callee), callee) };
}

/** Refuses an answer in another media type, and leaves it unread. */
export async function expectType(
  response: Response,
  isExpected: (mediaType: string) => boolean,
  expected: string,
  callee: Callee,
): Promise<void> {
  const type = response.headers.get('content-type') ?? '';
  if (isExpected(type.split(';', 1)[0]!.trim().toLowerCase())) return;
  await leave(response);
  throw answerUnreadable(callee, `expected ${expected}, got ${type ? `\`${type.slice(0, 100)}\`` : 'no content-type'}`);
}

function isJson(mediaType: string): boolean {
  return /^application\/(json|[\w.+-]+\+json)$/.test(mediaType) && mediaType !== 'application/problem+json';
}

/** JSON of an answer. */
export function parse(text: string, callee: Callee): unknown {
  try {
    return parseJson(text);
  } catch {
    // The parser's own message holds a piece of the text.
    throw answerUnreadable(callee, 'it is not JSON');
  }
}
