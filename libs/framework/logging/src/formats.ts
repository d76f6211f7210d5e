import { createEcsFormatter } from './format-ecs.ts';
import { createGcpFormatter } from './format-gcp.ts';
import { createJsonFormatter } from './format-json.ts';
import { createLogfmtFormatter } from './format-logfmt.ts';
import { createPrettyFormatter } from './format-pretty.ts';
import { rememberNames } from './names.ts';
import type { Formatter, LoggedService } from './record.ts';

/** The names of the formats. */
export const formatNames = ['json', 'pretty', 'logfmt', 'gcp', 'ecs'] as const;

/** One of the formats. */
export type FormatName = (typeof formatNames)[number];

export interface FormatOptions {
  readonly service: LoggedService;
  /** The project that keeps the traces, for `gcp`. */
  readonly gcpProject: string | undefined;
  /** Whether `pretty` is in colour. */
  readonly colour: boolean;
}

/** Makes a function that gives the formatter of a name, the same one each time, so that handlers can share lines. */
export function createFormats({ service, gcpProject, colour }: FormatOptions): (name: FormatName) => Formatter {
  const make: Readonly<Record<FormatName, () => Formatter>> = {
    json: () => createJsonFormatter(service),
    pretty: () => createPrettyFormatter({ colour }),
    logfmt: () => createLogfmtFormatter(service),
    gcp: () => createGcpFormatter(service, gcpProject),
    ecs: () => createEcsFormatter(service),
  };
  return rememberNames((name) => make[name as FormatName]());
}
