import {
  askVault,
  collectLogger,
  createManualClock,
  startVaultDouble,
  waitFor,
  type CollectingLogger,
  type ManualClock,
  type VaultDouble,
  type VaultDoubleOptions,
} from '@org/testing';
import { openVault, vault, type Vault } from '../src/index.ts';
import { setUp, settingsOf, type SetUp } from './set-up.ts';

type Store = Awaited<ReturnType<typeof vault.open>>;

/** A double with what a service has there, on a clock that a test moves on. */
export interface World extends AsyncDisposable {
  readonly double: VaultDouble;
  readonly clock: ManualClock;
  readonly logger: CollectingLogger;
  readonly made: SetUp;
  /** Asks as an operator. */
  ask(method: string, path: string, body?: object): ReturnType<typeof askVault>;
  /** Opens the store with these variables besides, or in place of, those of the AppRole. */
  openStore(environment?: Readonly<Record<string, string>>): Promise<Store>;
  openVault(environment?: Readonly<Record<string, string>>): Promise<Vault>;
  /** Reads a reference from a Vault that answers. */
  read(store: Store, reference: string): ReturnType<Store['read']>;
  /** How many requests there were to a path. */
  count(path: RegExp): number;
}

export const service = { name: 'orders', version: '1.0.0', commit: undefined };

export async function createWorld(
  options: Omit<VaultDoubleOptions, 'now'> & { readonly role?: object; readonly authority?: string } = {},
): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const { role, authority, ...rest } = options;
  const clock = createManualClock({ random: 0.5 });
  const logger = collectLogger();
  const double = opened.use(await startVaultDouble({ ...rest, now: clock.now }));
  const root = { url: double.url, token: double.rootToken, ...(authority && { authority }) };
  const made = opened.use(await setUp(root, role));
  await askVault(root, 'POST', `${made.kv}/data/database`, { data: { username: 'orders', password: 'hunter2' } });
  const runtime = { logger, service, clock };
  const owned = opened.move();
  return {
    double,
    clock,
    logger,
    made,
    ask: (method, path, body) => askVault(root, method, path, body),
    openStore: async (environment = {}) =>
      owned.use(await vault.open(settingsOf({ ...made.environment, ...environment }), runtime)),
    openVault: async (environment = {}) =>
      owned.use(await openVault(settingsOf({ ...made.environment, ...environment }), runtime)),
    read: (store, reference) => store.read(reference, { signal: AbortSignal.timeout(20_000) }),
    count: (path) => double.requests.filter((request) => path.test(request.path)).length,
    async [Symbol.asyncDispose]() {
      await double.recover();
      await owned.disposeAsync();
    },
  };
}

/** Moves the clock on by a minute at each look: what is asked over the network takes real time. */
export async function untilLater({ clock }: World, condition: () => boolean | Promise<boolean>): Promise<void> {
  await waitFor(
    async () => {
      await clock.advance(60_000);
      return await condition();
    },
    { what: 'what comes later', intervalMs: 5 },
  );
}

/** What the work throws, as a `ServiceError` shows itself. */
export async function failureOf(work: Promise<unknown>): Promise<{ code?: string; reason?: string; message: string }> {
  const thrown: unknown = await work.then(
    () => new Error('it went well'),
    (error: unknown) => error,
  );
  return thrown as Error;
}
