import { pointerTo } from '@org/errors';
import type * as z from 'zod';
import { answerInvalid } from './answer-faults.ts';
import type { Callee } from './error-from-answer.ts';
import { parseTolerantly } from './parse-tolerantly.ts';

/**
 * Puts what was answered through its schema. A newer service may say more than that.
 *
 * @throws {ServiceError} internal, ANSWER_INVALID, with the places.
 */
export function checkBody(schema: z.ZodType, value: unknown, callee: Callee): unknown {
  const { success, data, error } = parseTolerantly(schema, value);
  if (success) return data;
  const issues = error.issues.slice(0, 100);
  throw answerInvalid(
    callee,
    issues.map(({ path, message }) => ({ pointer: pointerTo(path), detail: message })),
  );
}
