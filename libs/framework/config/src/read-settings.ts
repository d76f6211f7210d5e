import { isProduction, type Environment } from './environment.ts';
import { configurationError, type Fault } from './fault.ts';
import { variablesOf, type Fragments, type Settings } from './fragment.ts';
import { findTypos } from './hints.ts';
import { readVariable, type PlacedReading } from './reading.ts';
import { resolveReadings, type ResolveOptions } from './resolve.ts';
import { metaOf } from './schema.ts';
import type { SecretSource } from './store.ts';
import type { SettingsContext } from './variable.ts';

export interface ReadOptions {
  readonly environment: Environment;
  /** The service's name. */
  readonly service: string;
  /** The schemes of the secret stores that the service has, without their colons. */
  readonly schemes: readonly string[];
}

/** One variable as it is in force, for `print-config`. */
export interface ReportRow {
  readonly fragment: string;
  readonly variable: string;
  /** The value without secrets, or the reference to it; empty when the variable is not set and has no default. */
  readonly value: string;
  /** `environment`, `.env`, `file PATH`, `default` or `not set`. */
  readonly source: string;
}

/** What the first stage gives. */
export interface ReadSettings<Source extends Fragments> {
  /** The settings of those fragments that wait for no reference. */
  readonly settings: Partial<Settings<Source>>;
  /** What the second stage has to resolve. */
  readonly pending: readonly { readonly variable: string; readonly reference: string }[];
  /** Names in the environment that look like slips of the hand, one sentence each. */
  readonly hints: readonly string[];
  report(): readonly ReportRow[];
  /**
   * The second stage: resolves all references at once, by the sources of their schemes, until the signal aborts.
   *
   * @throws {ServiceError} one for all references that failed: invalid_argument, CONFIGURATION_INVALID, when a value
   *   is not what its variable expects; else the code of the gravest failure, SECRETS_UNAVAILABLE.
   */
  resolve(sources: Readonly<Record<string, SecretSource>>, options: ResolveOptions): Promise<Settings<Source>>;
}

/**
 * The first stage of configuration: reads all variables and waits for nothing.
 *
 * @throws {ServiceError} invalid_argument, CONFIGURATION_INVALID, with all faults at once.
 * @throws {TypeError} when two fragments declare the same variable, or a protocol of a URL is the scheme of a store.
 */
export function readSettings<const Source extends Fragments>(
  fragments: Source,
  { environment, service, schemes }: ReadOptions,
): ReadSettings<Source> {
  assertConsistent(fragments, schemes);
  const known = Object.values(fragments).flatMap((fragment) => variablesOf(fragment).map(([, { name }]) => name));
  const typos = findTypos(environment, known);
  const hints = typos.map(({ set, meant }) => `${set} is set, but nothing reads it: did you mean ${meant}?`);

  const readings = Object.entries(fragments).flatMap(([fragment, { variables }]) =>
    variablesOf({ variables }).map(([setting, declared]): PlacedReading => {
      const reading = readVariable(declared, { environment, service, schemes, typos });
      return { fragment, setting, declared, reading };
    }),
  );
  const context = { service, production: isProduction(environment) };
  const settings = assemble(fragments, readings, context);
  const faults = [...readings.flatMap(({ reading }) => ('fault' in reading ? reading.fault : [])), ...settings.faults];
  if (faults.length > 0) {
    // The fault of a variable that is missing says itself what may have been meant.
    const missing = faults.filter(({ source }) => source === undefined).map(({ variable }) => variable);
    const others = hints.filter((_, index) => !missing.includes(typos[index]?.variable));
    throw configurationError(service, faults, { hints: others });
  }
  return {
    settings: settings.values as Partial<Settings<Source>>,
    pending: readings.flatMap(({ declared, reading }) =>
      'reference' in reading ? { variable: declared.name, reference: reading.reference.text } : [],
    ),
    hints,
    report: () => readings.map(reportRow),
    async resolve(sources, options) {
      const resolved = assemble(fragments, await resolveReadings(readings, sources, { ...options, service }), context);
      if (resolved.faults.length > 0) throw configurationError(service, resolved.faults);
      return resolved.values as Settings<Source>;
    },
  };
}

/** Puts the values of each fragment together that has all of them, and lets it look for contradictions. */
function assemble(fragments: Fragments, readings: readonly PlacedReading[], context: SettingsContext) {
  const values: Record<string, object> = {};
  const faults: Fault[] = [];
  for (const [name, fragment] of Object.entries(fragments)) {
    const own = readings.filter((reading) => reading.fragment === name);
    if (!own.every(({ reading }) => 'value' in reading)) continue;
    const settings = Object.freeze(
      Object.fromEntries(own.map(({ setting, reading }) => [setting, 'value' in reading ? reading.value : undefined])),
    );
    values[name] = settings;
    const contradictions = fragment.check(settings, context);
    faults.push(...contradictions.map((message) => ({ variable: undefined, source: undefined, message })));
  }
  return { values, faults };
}

function reportRow({ fragment, declared, reading }: PlacedReading): ReportRow {
  const row = { fragment, variable: declared.name };
  if ('fault' in reading) throw new TypeError(`Expected ${declared.name} to have been read`);
  return 'reference' in reading
    ? { ...row, value: reading.reference.text, source: reading.source }
    : { ...row, value: reading.shown, source: reading.source ?? 'not set' };
}

function assertConsistent(fragments: Fragments, schemes: readonly string[]): void {
  const owners = new Map<string, string>();
  for (const [fragment, { variables }] of Object.entries(fragments)) {
    for (const [, { name, schema }] of variablesOf({ variables })) {
      const owner = owners.get(name);
      if (owner) throw new TypeError(`Expected \`${name}\` to be declared once, got it in ${owner} and ${fragment}`);
      owners.set(name, fragment);
      const scheme = schemes.find((candidate) => metaOf(schema).protocols?.includes(`${candidate}:`));
      if (scheme) throw new TypeError(`Expected \`${scheme}:\` to be a secret store alone, got a protocol of ${name}`);
    }
  }
  const ambiguous = [...owners.keys()].find((name) => owners.has(`${name}_FILE`));
  if (ambiguous) throw new TypeError(`Expected no variable \`${ambiguous}_FILE\` beside \`${ambiguous}\`, got both`);
  const malformed = schemes.find((scheme) => !/^[a-z][a-z0-9+.-]*$/.test(scheme));
  if (malformed !== undefined)
    throw new TypeError(`Expected \`schemes\` to be such as \`vault\`, got \`${malformed}\``);
}
