import { createIsoTime } from './iso-time.ts';
import { joinContext, joinFields } from './join-fields.ts';
import { freeName, rememberNames } from './names.ts';
import { quote, toJson } from './quote.ts';
import type { Formatter, LoggedService, LogRecord } from './record.ts';

/** The names that every line has. */
export const takenNames: ReadonlySet<string> = new Set(['level', 'time', 'service', 'version', 'logger', 'msg']);

/** JSON: `level`, `time`, `service`, `version`, `logger`, the fields and `msg`. */
export function createJsonFormatter(service: LoggedService): Formatter {
  const isoTime = createIsoTime();
  const key = rememberNames((name) => `,${quote(freeName(name, takenNames))}:`);
  const field = (name: string, value: unknown) => key(name) + toJson(value);
  const identity = `","service":${quote(service.name)},"version":${quote(service.version)}`;
  return (record) => {
    const { level, time, logger, message } = record;
    const start = `{"level":"${level}","time":"${isoTime(time)}${identity}`;
    const name = logger === undefined ? '' : `,"logger":${quote(logger)}`;
    return `${start}${name}${fieldsOf(record)},"msg":${quote(message)}}\n`;
  };

  function fieldsOf(record: LogRecord): string {
    if (!record.plain) return joinFields(record, field);
    // The usual line, such as that of an access log: what is built into the engine makes it in one piece.
    const own = JSON.stringify(record.fields);
    return joinContext(record, field) + (own === '{}' ? '' : `,${own.slice(1, -1)}`);
  }
}
