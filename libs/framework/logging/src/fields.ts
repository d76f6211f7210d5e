import { currentCall } from '@org/context';
import { INVALID_TRACEID, trace } from '@opentelemetry/api';
import { isHarmlessText } from './redact-text.ts';
import { redact } from './redact.ts';
import { secretName } from './secret-names.ts';

export type Fields = Readonly<Record<string, unknown>>;

// A line has each name once: JSON with a name twice is read differently by every parser (RFC 8259 section 4).
const reservedName = /^(?:level|time|service|version|logger|msg)$/;
const unsafeName = new RegExp(`${reservedName.source}|${secretName.source}|://`, 'i');

/**
 * The fields that a caller gave, safe to print. A name that every line has already is written with an underscore before
 * it, such as `_level`. The usual small and flat object is given back as it is.
 */
export function safeFields(fields: Fields): Fields {
  if (typeof fields !== 'object' || fields === null) return {};
  if (isHarmless(fields)) return fields;
  // An error alone is what was meant by `{ err: error }`.
  const copied = redact(Error.isError(fields) ? { err: fields } : fields);
  if (typeof copied !== 'object' || copied === null || Array.isArray(copied)) return { value: copied };
  const entries = Object.entries(copied);
  return Object.fromEntries(entries.map(([name, value]) => [reservedName.test(name) ? `_${name}` : name, value]));
}

/** Which trace, span and request the running code works for. */
export function correlation(): Fields {
  const fields: Record<string, unknown> = {};
  const span = trace.getActiveSpan()?.spanContext();
  if (span && span.traceId !== INVALID_TRACEID) {
    fields.trace_id = span.traceId;
    fields.span_id = span.spanId;
  }
  const call = currentCall();
  if (call) fields.request_id = call.requestId;
  return fields;
}

function isHarmless(fields: Fields): boolean {
  if (Object.getPrototypeOf(fields) !== Object.prototype) return false;
  try {
    for (const name in fields) {
      const value = fields[name];
      const harmless = typeof value === 'string' ? isHarmlessText(value) : isHarmlessScalar(value);
      if (!harmless || unsafeName.test(name)) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function isHarmlessScalar(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean' || value === undefined || value === null;
}
