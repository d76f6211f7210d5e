import { createIsoTime } from './iso-time.ts';
import { joinFields } from './join-fields.ts';
import { rememberNames } from './names.ts';
import { quote, toJson } from './quote.ts';
import type { Formatter, LoggedService } from './record.ts';

/** The version of the schema in which all names used here are. */
const ecsVersion = '8.11.0';

const known: Readonly<Record<string, string>> = {
  trace_id: 'trace.id',
  span_id: 'span.id',
  request_id: 'http.request.id',
};

/**
 * JSON with the names of the Elastic Common Schema, in the order of its logging specification. The fields that it has
 * no name for stand below `labels`, which holds no objects: there a nested value is a text of JSON, and `.`, `*` and `\`
 * in a name become `_`.
 *
 * @see https://github.com/elastic/ecs-logging/blob/main/spec/spec.json
 * @see https://www.elastic.co/guide/en/ecs/current/ecs-base.html
 */
export function createEcsFormatter(service: LoggedService): Formatter {
  const isoTime = createIsoTime();
  const labelName = rememberNames((name) => name.replace(/[.*\\]/g, '_'));
  const identity =
    `"ecs.version":"${ecsVersion}","service.name":${quote(service.name)},"service.version":${quote(service.version)},` +
    `"event.dataset":${quote(datasetOf(service.name))}`;
  return (record) => {
    const { level, time, logger, message } = record;
    // Without a prototype, the name `__proto__` is a name like any other.
    const labels = Object.create(null) as Record<string, unknown>;
    let count = 0;
    const add = (name: string, value: unknown) => {
      labels[labelName(name)] = typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
      count += 1;
    };
    const fields = joinFields(record, (name, value) => {
      if (Object.hasOwn(known, name)) return `,"${known[name]}":${toJson(value)}`;
      if (name === 'err') return error(value, add);
      add(name, value);
      return '';
    });
    const start = `{"@timestamp":"${isoTime(time)}","log.level":"${level}","message":${quote(message)},${identity}`;
    const name = logger === undefined ? '' : `,"log.logger":${quote(logger)}`;
    return `${start}${name}${fields}${count === 0 ? '' : `,"labels":${toJson(labels)}`}}\n`;
  };
}

/** https://www.elastic.co/guide/en/ecs/current/ecs-error.html */
function error(value: unknown, add: (name: string, value: unknown) => void): string {
  if (typeof value !== 'object' || value === null) return `,"error.message":${toJson(String(value))}`;
  const { type, message, stack, code, ...rest } = value as Record<string, unknown>;
  if (Object.keys(rest).length > 0) add('err', rest);
  const found = { type, message, stack_trace: stack, code };
  return Object.entries(found)
    .map(([name, part]) => (part === undefined ? '' : `,"error.${name}":${toJson(part)}`))
    .join('');
}

/** The default of the logging specification, with what it allows in a data set's name. */
function datasetOf(service: string): string {
  return `${service
    .toLowerCase()
    .replace(/[\\/*?"<>| ,#:-]/g, '_')
    .slice(0, 96)}.log`;
}
