import type { Handler } from './handler.ts';
import { createWholeWriter } from './write-whole.ts';

const standardOutput = 1;

/** Turns a line of JSON into the text that is shown in its place. */
export type Formatter = (line: string) => string;

/** Writes to standard output, or to what a test gives in its place, as JSON or through a formatter. */
export function createConsoleHandler(format: Formatter | undefined, destination?: Handler): Handler {
  const writer = createWholeWriter();
  const target = destination ?? { write: (text: string) => writer.write(standardOutput, text) };
  return { write: (line) => target.write(format ? format(line) : line) };
}

/** The formatter for people: time, level and message, then the fields in one line, an error in many. */
export async function loadPrettyFormatter(): Promise<Formatter> {
  const { prettyFactory } = await import('pino-pretty');
  const format = prettyFactory({
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: '{if logger}{logger}: {end}{msg}',
    ignore: 'service,version,logger,trace_id,span_id',
  });
  return (line) => format(line) ?? line;
}
