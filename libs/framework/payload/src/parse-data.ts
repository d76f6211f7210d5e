import { pointerTo, type Violation } from '@org/errors';
import type * as z from 'zod';
import type { CloudEvent } from './cloud-event.ts';
import { schemaMismatch } from './faults.ts';

// Hostile data can be wrong in very many places.
const mostViolations = 20;

/**
 * The data of an event as a schema gives it. The schema must not be asynchronous.
 *
 * @throws {ServiceError} invalid_argument, PAYLOAD_SCHEMA_MISMATCH; `details.violations` has up to 20 places, and no
 *   values. Texts of the schema's own are taken to hold none.
 */
export function parseData<Schema extends z.ZodType>(event: CloudEvent, schema: Schema): z.output<Schema> {
  const { success, data, error } = schema.safeParse(event.data);
  if (success) return data;
  const violations = error.issues.slice(0, mostViolations).map(violationOf);
  throw schemaMismatch(event.type, error.issues.length, violations);
}

function violationOf(issue: z.core.$ZodIssue): Violation {
  // The text would have all of the keys, which are whatever the sender likes.
  const detail = issue.code === 'unrecognized_keys' ? 'Unknown keys' : issue.message;
  return { pointer: pointerTo(issue.path), detail };
}
