import { untilAborted } from '@org/context';
import { ServiceError, messageFateByCode, toServiceError } from '@org/errors';
import { CONFIGURATION_INVALID, SECRETS_UNAVAILABLE, configurationError, faultOf, type Fault } from './fault.ts';
import { refusal, type PlacedReading } from './reading.ts';
import type { SecretReference } from './reference.ts';
import { isSecretSchema, metaOf, parseWith } from './schema.ts';
import type { Secret } from './secret.ts';
import type { SecretSource, SecretValue } from './store.ts';
import type { Variable } from './variable.ts';

export interface ResolveOptions {
  /** Ends the waiting: whatever no store has answered by then has failed. */
  readonly signal: AbortSignal;
  /** Told, for as long as the stores are open, when a secret changed to a value that its variable does not take. */
  readonly onRefused?: (fault: Fault) => void;
}

interface Failure {
  readonly fault: Fault;
  readonly error: ServiceError;
}

/**
 * Replaces every reference by its value: all in parallel, and all failures in one error.
 *
 * @throws {TypeError} when there is no source for a reference's scheme.
 */
export async function resolveReadings(
  readings: readonly PlacedReading[],
  sources: Readonly<Record<string, SecretSource>>,
  { service, signal, onRefused }: ResolveOptions & { readonly service: string },
): Promise<readonly PlacedReading[]> {
  const read = readerOf(readings, sources, signal);
  const resolved = await Promise.all(
    readings.map(async (placed): Promise<PlacedReading | Failure> => {
      const { declared, reading } = placed;
      if (!('reference' in reading)) return placed;
      const { text } = reading.reference;
      try {
        const value = valueOf(declared, text, await read(reading.reference), onRefused);
        return { ...placed, reading: { value, shown: text, source: text } };
      } catch (thrown) {
        return failureOf(declared, text, thrown);
      }
    }),
  );
  const failures = resolved.filter((outcome) => 'error' in outcome);
  if (failures.length > 0) throw resolutionError(service, failures);
  return resolved.filter((outcome) => 'reading' in outcome);
}

/** How long after the signal a source may still say why it has no answer, in milliseconds. */
const lastWordMs = 100;

/** Reads each reference once, however many variables hold it, and for little longer than the signal allows. */
function readerOf(
  readings: readonly PlacedReading[],
  sources: Readonly<Record<string, SecretSource>>,
  signal: AbortSignal,
): (reference: SecretReference) => Promise<Secret<SecretValue>> {
  const references = readings.flatMap(({ reading }) => ('reference' in reading ? reading.reference : []));
  const lacking = references.find(({ scheme }) => !Object.hasOwn(sources, scheme));
  if (lacking) throw new TypeError(`Expected \`sources\` to have one for \`${lacking.scheme}:\`, got none`);

  const reads = new Map<string, Promise<Secret<SecretValue>>>();
  return (reference) => {
    const { scheme, text } = reference;
    const read = reads.get(text) ?? withLastWord(signal, () => sources[scheme]!.read(reference, { signal }));
    reads.set(text, read);
    return read;
  };
}

/** Why a store has not answered says more than that the time is over: what heeds the signal is heard before it is given up. */
async function withLastWord<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  signal.throwIfAborted();
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const abort = () => void (timer = setTimeout(() => over.abort(signal.reason), lastWordMs));
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await untilAborted(over.signal, work);
  } finally {
    signal.removeEventListener('abort', abort);
    clearTimeout(timer);
  }
}

/** What a variable makes of the secret behind its reference: a secret follows it, any other value is read once. */
function valueOf(
  declared: Variable<unknown>,
  source: string,
  secret: Secret<SecretValue>,
  onRefused: ResolveOptions['onRefused'],
): unknown {
  const { schema } = declared;
  const convert = (raw: SecretValue): unknown => {
    const parsed = raw === '' ? undefined : parseWith(schema, raw);
    if (parsed) return parsed.value;
    const { message } = refusal(declared, source, raw);
    throw new ServiceError('invalid_argument', message, { reason: CONFIGURATION_INVALID });
  };
  if (!isSecretSchema(schema)) return convert(secret.reveal());
  const followed = secret.map((raw) => (convert(raw) as Secret<unknown>).reveal(), metaOf(schema).secret);
  if (onRefused) followed.onChange(ignore, () => onRefused(refusal(declared, source)));
  return followed;
}

function ignore(): void {
  // Listens for refusals only.
}

function failureOf({ name }: Variable<unknown>, source: string, thrown: unknown): Failure {
  const error = toServiceError(thrown);
  if (isRefusal(error)) return { error, fault: { variable: name, source, message: error.message } };
  return { error, fault: faultOf(name, source, `could not be had (${error.code}): ${error.message}`) };
}

function isRefusal(error: ServiceError): boolean {
  return error.reason === CONFIGURATION_INVALID;
}

/** The gravest failure decides: a value that is not taken, then what no other attempt mends, then the rest. */
function resolutionError(service: string, failures: readonly Failure[]): ServiceError {
  const errors = failures.map(({ error }) => error);
  const gravest =
    errors.find(isRefusal) ?? errors.find(({ code }) => messageFateByCode[code] === 'dead_letter') ?? errors[0]!;
  return configurationError(
    service,
    failures.map(({ fault }) => fault),
    {
      code: gravest.code,
      reason: isRefusal(gravest) ? CONFIGURATION_INVALID : SECRETS_UNAVAILABLE,
      cause: errors.length === 1 ? gravest : new AggregateError(errors),
    },
  );
}
