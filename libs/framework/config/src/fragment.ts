import type { SettingsContext, Variable } from './variable.ts';

/** What a service connects to when a fragment's settings say so, for manifests and network policies. */
export interface Connection {
  /** What it is, as readiness reports it: `datastore`, `messaging`, `cloud`, `secrets`, … */
  readonly kind: string;
  /** The name of the variable whose URL says where. */
  readonly variable: string;
  /** The port of each protocol where a URL names none: `{ 'postgres:': 5432 }`. Protocols without a network are left out. */
  readonly ports: Readonly<Record<string, number>>;
}

export interface FragmentOptions<Values> {
  readonly connections?: readonly Connection[];
  /** One sentence for each contradiction between values that are fine one by one; it must not hold a value. */
  check?(settings: Values, context: SettingsContext): readonly string[];
}

/** The variables of one part of a service, with the names that their values get in its settings. */
export interface Fragment<Values = unknown> {
  readonly variables: { readonly [Name in keyof Values]: Variable<Values[Name]> };
  readonly connections: readonly Connection[];
  check(settings: Values, context: SettingsContext): readonly string[];
}

/** The fragments of a service by name: `{ rest: restSettings({ port: 3000 }), database: databaseSettings() }`. */
export type Fragments = Readonly<Record<string, Fragment>>;

/** The values of one fragment, or of fragments by name. */
export type Settings<Source> =
  Source extends Fragment<infer Values>
    ? Readonly<Values>
    : { readonly [Name in keyof Source]: Source[Name] extends Fragment<infer Values> ? Readonly<Values> : never };

/**
 * Declares the settings of one part of a service.
 *
 * @throws {TypeError} when a connection names a variable that the fragment does not have.
 */
export function defineSettings<Values extends object>(
  variables: { readonly [Name in keyof Values]: Variable<Values[Name]> },
  options: FragmentOptions<Values> = {},
): Fragment<Values> {
  const { connections = [] } = options;
  const names = variablesOf({ variables }).map(([, { name }]) => name);
  for (const { variable } of connections) {
    if (names.includes(variable)) continue;
    throw new TypeError(`Expected a connection to name one of ${names.join(', ')}, got \`${variable}\``);
  }
  return { variables, connections, check: (settings, context) => options.check?.(settings, context) ?? [] };
}

/** The variables of a fragment with the names of their settings. */
export function variablesOf({ variables }: { readonly variables: object }): [string, Variable<unknown>][] {
  return Object.entries(variables) as [string, Variable<unknown>][];
}
