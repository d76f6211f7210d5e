import { parseReference, type SecretReference, type SecretSource } from '@org/config';
import { untilAborted } from '@org/context';
import type { ServiceError } from '@org/errors';
import type { Resource } from '@org/runtime';
import { checkSecrets } from './check.ts';
import { systemClock } from './clock.ts';
import { doingTo, type SecretsCore } from './core.ts';
import { followFromFirst } from './first-reading.ts';
import type { Followed } from './follow.ts';
import { createSecretsInstruments } from './instruments.ts';
import { createLeases } from './leases.ts';
import { observeSecrets } from './observe.ts';
import type { ProviderRuntime, SecretLocation, SecretProvider, SecretsRuntime } from './provider.ts';
import { secretReferenceInvalid, secretsClosed, tooManySecrets } from './secrets-errors.ts';
import { describeSecret } from './states.ts';
import { storedSecret, type StoredSecret } from './stored-secret.ts';
import { watchSecret } from './watch-secret.ts';

/** How many paths one store follows at most: more is a leak. */
const mostPaths = 1_000;

/** An open secret store. Each path is read once, however many references lead to it, and followed until the store is closed. */
export interface Secrets extends SecretSource, Resource {
  readonly kind: 'secrets';
  /** `false`: through an outage of the store the last values are served, and the service is degraded. */
  readonly critical: false;
  /**
   * The secret behind a reference, which follows the store. A store that is away is asked again for twenty seconds.
   *
   * @throws {ServiceError} of the provider; SECRET_KEY_MISSING, SECRET_UNUSABLE, SECRET_STORE_TIMEOUT, …
   */
  read(reference: SecretReference | string, options: { readonly signal: AbortSignal }): Promise<StoredSecret>;
  /**
   * Gives the secret now, and again whenever it has another value or version; of those that follow each other faster than
   * they are taken, the last. Ends when the signal aborts or the store is closed.
   *
   * @throws {ServiceError} as `read`.
   */
  watch(
    reference: SecretReference | string,
    options: { readonly signal: AbortSignal },
  ): AsyncGenerator<StoredSecret, void, void>;
  /** Rejects when the store does not answer, or a secret could not be read again. */
  check(signal: AbortSignal): Promise<void>;
}

/** Opens a provider and adds what all stores share: cache, renewal, replacement, what is told, metrics and health. */
export async function openSecrets(
  scheme: string,
  open: (runtime: ProviderRuntime) => SecretProvider | Promise<SecretProvider>,
  { logger, service, clock = systemClock }: SecretsRuntime,
): Promise<Secrets> {
  const provider = await open({ logger, service, clock });
  const closing = new AbortController();
  const core: SecretsCore = {
    scheme,
    provider,
    logger,
    clock,
    instruments: createSecretsInstruments(),
    leases: createLeases(clock),
    maxAgeMs: provider.maxAgeMs ?? 300_000,
    timeoutMs: provider.timeoutMs ?? 5_000,
    closed: closing.signal,
  };
  const followed = new Map<string, Followed>();
  const beginning = new Map<string, { readonly promise: Promise<Followed>; error?: ServiceError }>();
  const endObserving = observeSecrets(core, followed);

  const begin = (path: string) => {
    if (core.closed.aborted) throw secretsClosed(doingTo(core, 'read', path));
    if (followed.size + beginning.size >= mostPaths) throw tooManySecrets(doingTo(core, 'read', path), mostPaths);
    const entry: { promise: Promise<Followed>; error?: ServiceError } = {
      promise: followFromFirst(core, path, (error) => (entry.error = error))
        .then((begun) => {
          if (core.closed.aborted) begun.stop();
          else followed.set(path, begun);
          return begun;
        })
        .finally(() => beginning.delete(path)),
    };
    // Whoever asked may have gone.
    entry.promise.catch(() => {});
    beginning.set(path, entry);
    return entry;
  };

  const find = async (reference: SecretReference | string, signal: AbortSignal) => {
    const { path, key } = locate(core, reference);
    const known = followed.get(path);
    if (known) return { followed: known, secret: storedSecret(known, key) };
    const entry = beginning.get(path) ?? begin(path);
    const begun = await untilAborted(signal, () => entry.promise).catch((error: unknown) => {
      // What the store said tells more than that the time is over.
      throw entry.error ?? error;
    });
    return { followed: begun, secret: storedSecret(begun, key) };
  };

  let closed: Promise<void> | undefined;
  const close = async () => {
    closing.abort();
    endObserving();
    for (const each of followed.values()) each.stop();
    await core.leases.endAll(core);
    await provider[Symbol.asyncDispose]();
  };

  return {
    kind: 'secrets',
    critical: false,
    read: async (reference, { signal }) => (await find(reference, signal)).secret,
    watch: (reference, { signal }) => watchSecret(core, () => find(reference, signal), signal),
    check: (signal) => checkSecrets(core, followed, signal),
    ops: [
      {
        method: 'GET',
        path: `/secrets/${scheme}`,
        summary: `Shows which secrets of ${scheme}: are in force, without their values.`,
        handle: () => ({
          body: {
            location: provider.location,
            secrets: [...followed.values()].map((each) => describeSecret(core, each)),
          },
        }),
      },
    ],
    [Symbol.asyncDispose]: () => (closed ??= close()),
  };
}

function locate({ scheme, provider }: SecretsCore, written: SecretReference | string): SecretLocation {
  const reference = typeof written === 'string' ? parseReference(written) : written;
  if (reference?.scheme !== scheme) {
    const why = `expected a reference such as \`${scheme}:path#key\`, got something else`;
    throw secretReferenceInvalid({ doing: `read a secret at ${provider.location}`, why });
  }
  return (
    provider.locate?.(reference) ?? { path: reference.path, ...(reference.key !== undefined && { key: reference.key }) }
  );
}
