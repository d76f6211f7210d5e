import { variablesOf, type Connection, type Fragments } from './fragment.ts';
import { isSecretSchema, metaOf } from './schema.ts';
import { defaultOf, type Variable } from './variable.ts';

/** What a variable is, as plain JSON. */
export interface VariableDescription {
  readonly name: string;
  /** A word for the kind of value, such as `duration`. */
  readonly type: string;
  /** What its text must be, such as `a port from 0 to 65535`. */
  readonly expected: string;
  readonly description: string;
  /** What holds in development while it is not set, as it may be printed. */
  readonly default?: string;
  /** The same in production, where it differs. */
  readonly defaultInProduction?: string;
  readonly required: boolean;
  readonly requiredInProduction: boolean;
  readonly secret: boolean;
  /** Whether the value may be a reference to a secret store. */
  readonly references: boolean;
  readonly example?: string;
}

/** What a service reads from its environment, as plain JSON. */
export interface SettingsDescription {
  readonly service: string;
  readonly fragments: readonly {
    readonly name: string;
    readonly variables: readonly VariableDescription[];
    readonly connections: readonly Connection[];
  }[];
}

/** Describes what a service reads from its environment, without looking at any. */
export function describeSettings(fragments: Fragments, { service }: { service: string }): SettingsDescription {
  return {
    service,
    fragments: Object.entries(fragments).map(([name, { variables, connections }]) => ({
      name,
      variables: variablesOf({ variables }).map(([, declared]) => describeVariable(declared, service)),
      connections,
    })),
  };
}

function describeVariable(declared: Variable<unknown>, service: string): VariableDescription {
  const { name, schema, description, optional, embedded, references, example } = declared;
  const { type = 'text', expected } = metaOf(schema);
  const inDevelopment = defaultOf(declared, { service, production: false })?.shown;
  const inProduction = embedded ? undefined : defaultOf(declared, { service, production: true })?.shown;
  return {
    name,
    type,
    expected,
    description,
    ...(inDevelopment !== undefined && { default: inDevelopment }),
    ...(inProduction !== undefined && inProduction !== inDevelopment && { defaultInProduction: inProduction }),
    required: !optional && inDevelopment === undefined,
    requiredInProduction: (!optional || embedded) && inProduction === undefined,
    secret: isSecretSchema(schema),
    references,
    ...(example !== undefined && { example }),
  };
}
