import { referenceScheme, reservedSchemes } from './reference.ts';
import { isSecretSchema, metaOf, parseWith, type Schema } from './schema.ts';
import { redactUrl } from './urls.ts';

/** What defaults and checks may depend on. */
export interface SettingsContext {
  /** The service's name. */
  readonly service: string;
  readonly production: boolean;
}

export interface VariableOptions {
  /** One sentence for the reference and `.env.example`. */
  readonly description: string;
  /** What holds while the variable is not set, written as in the environment; `undefined` from a function is no default. */
  readonly default?: string | ((context: SettingsContext) => string | undefined);
  /** Whether the default is an embedded part: production must name the variable, and be it with the same value. */
  readonly embedded?: true;
  /** Whether the value may be a reference to a secret store. Default: `true`. */
  readonly references?: false;
  /** A value to show to readers; it may be a reference. Default: the default. */
  readonly example?: string;
}

/** One variable of the environment: how its text is read and what it is for. */
export interface Variable<Value> {
  readonly name: string;
  readonly schema: Schema<Value>;
  readonly description: string;
  readonly optional: boolean;
  readonly embedded: boolean;
  readonly references: boolean;
  readonly example: string | undefined;
  /** The default's text in a context; `undefined` where there is none. */
  defaultIn(context: SettingsContext): string | undefined;
}

/**
 * Declares a variable. Without a default it must be set, unless it is optional: then its value may be `undefined`.
 *
 * @throws {TypeError} when the name is not UPPER_SNAKE, the schema has no `expected` or refuses the
 *   default or the example, or the options contradict each other.
 */
export function variable<Value>(
  name: string,
  schema: Schema<Value>,
  options: VariableOptions & { readonly optional: true },
): Variable<Value | undefined>;
export function variable<Value>(
  name: string,
  schema: Schema<Value>,
  options: VariableOptions & { readonly optional?: never },
): Variable<Value>;
export function variable(
  name: string,
  schema: Schema<unknown>,
  options: VariableOptions & { readonly optional?: true },
): Variable<unknown> {
  const { default: byDefault, optional = false, embedded = false, example } = options;
  const declared: Variable<unknown> = {
    name,
    schema,
    description: options.description,
    optional,
    embedded,
    references: options.references ?? true,
    example,
    defaultIn: (context) => (typeof byDefault === 'function' ? byDefault(context) : byDefault) || undefined,
  };
  if (!/^[A-Z][A-Z0-9_]*$/.test(name)) throw new TypeError(`Expected \`name\` to be UPPER_SNAKE, got \`${name}\``);
  metaOf(schema);
  if (!options.description) throw new TypeError(`Expected \`${name}\` to have a description, got none`);
  if (optional && typeof byDefault === 'string') {
    throw new TypeError(`Expected \`${name}\` to be optional or to have a default, got both`);
  }
  if (embedded && byDefault === undefined) {
    throw new TypeError(`Expected \`${name}\` to have a default, since it says that it is embedded, got none`);
  }
  for (const production of [false, true]) defaultOf(declared, { service: 'service', production });
  if (example !== undefined && !referenceScheme(example, reservedSchemes)) {
    valueOf(declared, example, 'the example');
  }
  return declared;
}

/**
 * The default in a context: its text, what the schema makes of it, and how it is printed.
 *
 * @throws {TypeError} when the schema refuses it.
 */
export function defaultOf<Value>(
  declared: Variable<Value>,
  context: SettingsContext,
): { value: Value; shown: string } | undefined {
  const written = declared.defaultIn(context);
  if (written === undefined) return undefined;
  const value = valueOf(declared, written, 'the default');
  return { value, shown: shownValue(declared.schema, value, written) };
}

/** How a value is printed: a secret as it shows itself, any other as it was written, but for passwords in URLs. */
export function shownValue(schema: Schema<unknown>, value: unknown, written: string): string {
  return isSecretSchema(schema) ? String(value) : redactUrl(written);
}

function valueOf<Value>({ name, schema }: Variable<Value>, written: string, what: string): Value {
  const { expected } = metaOf(schema);
  const parsed = parseWith(schema, written);
  if (parsed) return parsed.value;
  const got = isSecretSchema(schema) ? 'something else' : `\`${written}\``;
  throw new TypeError(`Expected ${what} of \`${name}\` to be ${expected}, got ${got}`);
}
