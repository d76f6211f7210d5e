import { styleText } from 'node:util';
import { joinFields } from './join-fields.ts';
import { escapeControls, quote, toJson } from './quote.ts';
import type { Formatter, LineLevel } from './record.ts';

const colours = {
  trace: 'gray',
  debug: 'blue',
  info: 'green',
  warn: 'yellow',
  error: 'red',
  fatal: 'magenta',
} as const;
const indent = '    ';

/**
 * For people: local time, level, name and message, then the fields as JSON. An error stands below with its causes, each
 * of its lines indented, so that a line that begins at the margin is always a line of the log.
 */
export function createPrettyFormatter({ colour }: { readonly colour: boolean }): Formatter {
  const paint = (level: LineLevel, text: string) =>
    colour ? styleText(colours[level], text, { validateStream: false }) : text;
  return (record) => {
    let below = '';
    const fields = joinFields(record, (name, value) => {
      if (name === 'trace_id' || name === 'span_id') return '';
      if (name !== 'err' || !isObject(value)) return `,${quote(name)}:${toJson(value)}`;
      const { type: _type, message: _message, stack: _stack, cause: _cause, ...rest } = value;
      below = errorLines(value);
      return Object.keys(rest).length === 0 ? '' : `,"err":${toJson(rest)}`;
    });
    const name = record.logger === undefined ? '' : `${escapeControls(record.logger)}: `;
    const level = paint(record.level, record.level.toUpperCase());
    const start = `[${localTime(record.time)}] ${level}: ${name}${escapeControls(record.message)}`;
    return `${start}${fields === '' ? '' : ` {${fields.slice(1)}}`}\n${below}`;
  };
}

function errorLines(error: Readonly<Record<string, unknown>>, before = ''): string {
  const stack = typeof error.stack === 'string' ? error.stack : `${String(error.type)}: ${String(error.message)}`;
  const lines = (before + stack).split('\n');
  const text = lines.map((line) => `${indent}${escapeControls(line)}\n`).join('');
  return isObject(error.cause) ? text + errorLines(error.cause, 'Caused by ') : text;
}

function localTime(time: number): string {
  const date = new Date(time);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0'));
  return `${parts.join(':')}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
