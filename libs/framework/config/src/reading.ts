import { isProduction, type Environment } from './environment.ts';
import { problemOfVariable } from './environment-store.ts';
import { faultOf, type Fault } from './fault.ts';
import type { Typo } from './hints.ts';
import { parseReference, referenceScheme, reservedSchemes, type SecretReference } from './reference.ts';
import { metaOf, parseWith } from './schema.ts';
import type { SecretValue } from './store.ts';
import { defaultOf, shownValue, type Variable } from './variable.ts';
import { findWritten, isFault, type WrittenValue } from './written-value.ts';

/** Where a variable is read. */
export interface ReadingContext {
  readonly environment: Environment;
  readonly service: string;
  /** The schemes of the secret stores that the service has. */
  readonly schemes: readonly string[];
  readonly typos: readonly Typo[];
}

/** What the first stage makes of a variable: a value, a reference to resolve later, or a fault. */
export type Reading =
  | { readonly value: unknown; readonly shown: string; readonly source: string | undefined }
  | { readonly reference: SecretReference; readonly source: string }
  | { readonly fault: Fault };

/** A variable in its place, and what was made of it. */
export interface PlacedReading {
  readonly fragment: string;
  /** The name of the value in the fragment's settings. */
  readonly setting: string;
  readonly declared: Variable<unknown>;
  readonly reading: Reading;
}

/** Reads one variable without waiting for anything. */
export function readVariable(declared: Variable<unknown>, context: ReadingContext): Reading {
  const written = findWritten(declared.name, context.environment);
  if (written === undefined) return readUnset(declared, context);
  if (isFault(written)) return { fault: written };
  const scheme = referenceScheme(written.text, [...reservedSchemes, ...context.schemes]);
  if (scheme !== undefined) return readReference(declared, written, scheme, context);
  const parsed = parseWith(declared.schema, written.text);
  if (!parsed) return { fault: refusal(declared, written.source) };
  const shown = shownValue(declared.schema, parsed.value, written.text);
  return { value: parsed.value, shown, source: written.source };
}

/** The fault of a value that the schema does not take. */
export function refusal({ name, schema }: Variable<unknown>, source: string, raw?: SecretValue): Fault {
  const got = typeof raw === 'object' ? 'several values; name one of them with `#key`' : 'something else';
  return faultOf(name, source, `expected ${metaOf(schema).expected}, got ${got}`);
}

function readReference(
  declared: Variable<unknown>,
  { text, source }: WrittenValue,
  scheme: string,
  { environment, schemes }: ReadingContext,
): Reading {
  const fail = (problem: string): Reading => ({ fault: faultOf(declared.name, source, problem) });
  if (!declared.references) {
    const { expected } = metaOf(declared.schema);
    return fail(`expected ${expected}, got a reference to a secret store, which this variable does not take`);
  }
  if (!schemes.includes(scheme)) {
    const stores = schemes.length === 0 ? 'none' : schemes.map((known) => `${known}:`).join(', ');
    return fail(`expected a secret store that this service has (${stores}), got a reference to ${scheme}:`);
  }
  const reference = parseReference(text);
  if (!reference) return fail(`expected \`${scheme}:path\` or \`${scheme}:path#key\`, got something else`);
  const problem = scheme === 'env' && problemOfVariable(environment, reference);
  return problem ? fail(problem) : { reference, source };
}

function readUnset(declared: Variable<unknown>, { environment, service, typos }: ReadingContext): Reading {
  const production = isProduction(environment);
  const { name, schema } = declared;
  const byDefault = defaultOf(declared, { service, production });
  if (byDefault && !(production && declared.embedded)) return { ...byDefault, source: 'default' };
  if (declared.optional && !byDefault) return { value: undefined, shown: '', source: undefined };

  const got = byDefault
    ? `got nothing; production takes the embedded default, ${byDefault.shown}, only when it is named`
    : 'got nothing';
  const hints = typos
    .filter(({ variable }) => variable === name)
    .map(({ set, meant }) => `; ${set} is set: did you mean ${meant}?`);
  return { fault: faultOf(name, undefined, `expected ${metaOf(schema).expected}, ${got}${hints.join('')}`) };
}
