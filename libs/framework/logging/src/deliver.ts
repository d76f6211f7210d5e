import type { Outlet } from './handler.ts';
import type { Formatter, LogRecord } from './record.ts';
import { redactText } from './redact-text.ts';
import { copyFields } from './safe-fields.ts';

/** Hands a record, formatted, to each outlet that takes its level, but for `except`. Outlets of one format share the line. */
export function deliver(outlets: readonly Outlet[], record: LogRecord, rank: number, except?: Outlet): void {
  let format: Formatter | undefined;
  let line = '';
  for (const outlet of outlets) {
    if (rank < outlet.rank || outlet === except) continue;
    if (outlet.format !== format) {
      format = outlet.format;
      line = formatted(format, record);
    }
    outlet.put(line, record, rank);
  }
}

/** What a formatter makes of a record; a call that logs must not throw, whatever it is given. */
function formatted(format: Formatter, record: LogRecord): string {
  try {
    return format(record);
  } catch {
    // A proxy or a getter that behaves differently each time it is read.
  }
  try {
    return format({ ...record, fields: copyFields(record.fields), plain: false });
  } catch (error) {
    return `${JSON.stringify({ level: record.level, msg: 'A log formatter failed', why: redactText(String(error)) })}\n`;
  }
}
