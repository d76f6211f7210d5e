import { describeSettings, type Fragments, type ReportRow } from '@org/config';
import type { ServiceDefinition } from './definition.ts';
import type { FirstStage } from './first-stage.ts';
import { fragmentsOf } from './fragments.ts';

/** A variable as it is in force, without secrets, and what it is for. */
export interface ConfigurationRow extends ReportRow {
  readonly description: string;
}

/** What `print-config` shows, with the description of each variable. */
export function configurationInForce(
  definition: Pick<ServiceDefinition<Fragments>, 'name' | 'config' | 'secrets'>,
  { read }: FirstStage,
): ConfigurationRow[] {
  const { fragments } = describeSettings(fragmentsOf(definition), { service: definition.name });
  const variables = fragments.flatMap((fragment) => fragment.variables);
  const descriptions = new Map(variables.map(({ name, description }) => [name, description]));
  return read.report().map((row) => ({ ...row, description: descriptions.get(row.variable) ?? '' }));
}
