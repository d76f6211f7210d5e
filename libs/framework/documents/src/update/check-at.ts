import * as z from 'zod';
import { documentInvalid } from '../document-errors.ts';
import type { Segments } from '../fields.ts';
import { shapeAt } from '../shape.ts';
import { pointerTo } from '@org/errors';

/**
 * Holds a value against what the schema says of its path; where it says nothing, any will do.
 *
 * @param value `undefined`: that the field is removed.
 * @throws {ServiceError} invalid_argument, DOCUMENT_INVALID.
 */
export function checkAt(schema: z.core.$ZodType, path: Segments, value: unknown, doing: string): void {
  const { schemas } = shapeAt(schema, path);
  if (!schemas || (schemas.length === 0 && value === undefined)) return;
  const results = schemas.map((each) => z.safeParse(each, value));
  if (results.some(({ success }) => success)) return;
  const [first] = results;
  const issues = first?.error?.issues ?? [];
  const violations = issues.map((issue) => ({ pointer: pointerTo([...path, ...issue.path]), detail: issue.message }));
  throw documentInvalid(
    doing,
    violations.length > 0 ? violations : [{ pointer: pointerTo(path), detail: 'it cannot be there' }],
  );
}
