import { takenNames } from './format-json.ts';
import { createIsoTime } from './iso-time.ts';
import { joinFields } from './join-fields.ts';
import { freeName, rememberNames } from './names.ts';
import { quote, toJson } from './quote.ts';
import type { Formatter, LoggedService } from './record.ts';

/**
 * logfmt: `name=value` with blanks between, in the order of `json`. A value with anything but printable ASCII, or with a
 * blank, a quote, a backslash or `=`, is a JSON string. What an object holds has names such as `err.message`, and what
 * is nested deeper is a text of JSON. Blanks, quotes, `=` and control characters in a name become `_`.
 *
 * @see https://brandur.org/logfmt
 */
export function createLogfmtFormatter(service: LoggedService): Formatter {
  const isoTime = createIsoTime();
  const cleanName = rememberNames((name) => freeName(name.replace(/[\s="\p{C}]/gu, '_') || '_', takenNames));
  return (record) => {
    const { level, time, logger, message } = record;
    // Two names may become the same.
    const pairs = new Map<string, string>();
    joinFields(record, (name, value) => {
      for (const [key, part] of flatten(name, value)) pairs.set(cleanName(key), bare(part));
      return '';
    });
    const name = logger === undefined ? '' : ` logger=${bare(logger)}`;
    const fields = [...pairs].map(([key, value]) => ` ${key}=${value}`).join('');
    const identity = `service=${bare(service.name)} version=${bare(service.version)}`;
    return `level=${level} time=${isoTime(time)} ${identity}${name}${fields} msg=${bare(message)}\n`;
  };
}

function flatten(name: string, value: unknown): [name: string, value: unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[name, value]];
  return Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([key, part]) => [`${name}.${key}`, part]);
}

function bare(value: unknown): string {
  const text = typeof value === 'string' ? value : toJson(value);
  return /^[!#-<>-[\]-~]+$/.test(text) ? text : quote(text);
}
