import { Readable } from 'node:stream';
import type { Operation, Upload } from '@org/contract';
import { ServiceError, pointerTo, type Violation } from '@org/errors';
import type * as z from 'zod';
import { parseJson } from '../parse-json.ts';
import type { FakeCall } from './fake-client.ts';

/** The parts of a request as they were sent. */
export interface RawInput {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestInit['body'];
}

type Part = 'path' | 'query' | 'header' | 'body';

/** Puts what was sent through the schemas, as the service does; with the error that it answers when it does not fit. */
export function checkFakeInput(
  operation: Operation,
  raw: RawInput,
): { input: FakeCall['input']; error?: ServiceError } {
  const body = operation.upload ? uploadOf(raw) : typeof raw.body === 'string' ? parseJson(raw.body) : undefined;
  const violations: (Violation & { in: Part })[] = [];
  const check = (schema: z.ZodType | undefined, value: unknown, part: Part): unknown => {
    const { success, data, error } = schema?.safeParse(value) ?? { success: true, data: undefined };
    if (success) return data;
    violations.push(...(error?.issues ?? []).flatMap((issue) => violationsOf(issue, part)));
    return value;
  };
  const input = {
    params: operation.params ? check(operation.params, raw.params, 'path') : raw.params,
    query: check(operation.query, raw.query, 'query'),
    headers: check(operation.headers, raw.headers, 'header'),
    body: operation.upload ? body : check(operation.body, body, 'body'),
  };
  if (violations.length === 0) return { input };
  const places = violations.slice(0, 3).map((violation) => `${violation.in}${violation.pointer}`);
  const more = violations.length > 3 ? ` and ${violations.length - 3} more` : '';
  const message = `The request does not fit the operation ${operation.id} at ${places.join(', ')}${more}. See \`errors\``;
  const details = { violations };
  return { input, error: new ServiceError('invalid_argument', message, { reason: 'REQUEST_INVALID', details }) };
}

function uploadOf({ headers, body }: RawInput): Upload {
  const length = headers['content-length'];
  const stream = body instanceof ReadableStream ? Readable.fromWeb(body as never) : Readable.from([body ?? '']);
  return {
    mediaType: (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase(),
    length: length === undefined ? undefined : Number(length),
    stream,
  };
}

function violationsOf(issue: z.core.$ZodIssue, part: Part): (Violation & { in: Part })[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ in: part, pointer: pointerTo([...issue.path, key]), detail: 'Unknown key' }));
  }
  return [{ in: part, pointer: pointerTo(issue.path), detail: issue.message }];
}
