import { createIsoTime } from './iso-time.ts';
import { joinFields } from './join-fields.ts';
import { freeName, rememberNames } from './names.ts';
import { quote, toJson } from './quote.ts';
import type { Formatter, LoggedService } from './record.ts';

/** https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#LogSeverity */
const severities = { trace: 'DEBUG', debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR', fatal: 'CRITICAL' };

const takenNames: ReadonlySet<string> = new Set([
  ...['severity', 'time', 'message', 'serviceContext', 'logger', 'stack_trace'],
  // What the logging agent takes out of the entry for itself.
  ...['timestamp', 'timestampSeconds', 'timestampNanos', 'httpRequest'],
  ...['trace', 'spanId', 'trace_sampled', 'insertId', 'labels', 'operation', 'sourceLocation'].map(agentName),
]);

/**
 * JSON with the names that Google Cloud Logging knows; the other fields are written as they are, and come into its
 * `jsonPayload`. With a project the trace is named in full; without one it is the bare id, which the agents on Google's
 * machines complete. `serviceContext` and `stack_trace` are for Error Reporting.
 *
 * @see https://cloud.google.com/logging/docs/agent/logging/configuration#special-fields
 * @see https://cloud.google.com/error-reporting/docs/formatting-error-messages
 */
export function createGcpFormatter(service: LoggedService, project?: string): Formatter {
  const isoTime = createIsoTime();
  const key = rememberNames((name) => `,${quote(freeName(name, takenNames))}:`);
  const traces = project === undefined ? '' : `projects/${project}/traces/`;
  const identity = `","serviceContext":${toJson({ service: service.name, version: service.version })}`;

  function field(name: string, value: unknown): string {
    if (name === 'trace_id')
      return `,"${agentName('trace')}":` + toJson(typeof value === 'string' ? traces + value : value);
    if (name === 'span_id') return `,"${agentName('spanId')}":` + toJson(value);
    if (name === 'err') return error(value);
    return key(name) + toJson(value);
  }

  return (record) => {
    const { level, time, logger, message } = record;
    const start = `{"severity":"${severities[level]}","time":"${isoTime(time)}${identity}`;
    const name = logger === undefined ? '' : `,"logger":${quote(logger)}`;
    return `${start}${name}${joinFields(record, field)},"message":${quote(message)}}\n`;
  };
}

function agentName(name: string): string {
  return `logging.googleapis.com/${name}`;
}

function error(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `,"err":${toJson(value)}`;
  const { stack, ...rest } = value as Record<string, unknown>;
  return `${stack === undefined ? '' : `,"stack_trace":${toJson(stack)}`},"err":${toJson(rest)}`;
}
