import { pause } from '@org/context';
import type { Runtime } from '@org/runtime';
import type { Driver } from './driver.ts';
import type { DatabaseSettings } from './settings.ts';
import { translateConnect } from './translate.ts';

/** The bounds of the pauses of a start that waits for its server, in milliseconds. */
const backoffMs = 250;
const longestMs = 2_000;
/** How long a transaction of a relay may wait for the broker at least, in milliseconds. */
const asideIdleMs = 60_000;

export interface OpenedDriver {
  readonly driver: Driver;
  /** What migrations run on: their statements may take longer than others. */
  readonly openWriting: () => Driver;
  /** Opens one for what is not to wait for requests, nor they for it. Missing where there is no more than one connection. */
  readonly openAside?: () => Driver;
}

/** Opens what `DATABASE_URL` names, and waits until it answers, for `DATABASE_CONNECT_TIMEOUT` at most. */
export async function openDriver(
  settings: DatabaseSettings,
  runtime: Pick<Runtime, 'logger' | 'service'>,
): Promise<OpenedDriver> {
  if (settings.url.reveal().toLowerCase().startsWith('pglite:')) {
    // Its engine is loaded by whoever uses it alone.
    const { openPglite } = await import('./pglite/open-pglite.ts');
    return embedded(await openPglite(settings, runtime));
  }
  const { createPostgres } = await import('./postgres/postgres-driver.ts');
  const driver = createPostgres(settings, runtime);
  await awaitDriver(driver, settings.connectTimeoutMs);
  const openWriting = () => createPostgres({ ...settings, statementTimeoutMs: settings.migrateTimeoutMs }, runtime);
  const transactionIdleMs = Math.max(settings.transactionIdleMs, asideIdleMs);
  const openAside = () => createPostgres({ ...settings, poolSize: 1, transactionIdleMs }, runtime);
  return { driver, openWriting, openAside };
}

/** In an engine there is no second connection, and no limit to statements. */
export function embedded(driver: Driver): OpenedDriver {
  return { driver, openWriting: () => ({ ...driver, [Symbol.asyncDispose]: async () => {} }) };
}

/** Servers and services start side by side: whoever comes first waits for the other. */
async function awaitDriver(driver: Driver, timeoutMs: number): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await driver.check(signal);
    } catch (thrown) {
      const error = translateConnect(thrown, driver.place.shown);
      if (error.code === 'unavailable') await pause(Math.min(longestMs, backoffMs * 2 ** attempt), signal);
      if (error.code === 'unavailable' && !signal.aborted) continue;
      await driver[Symbol.asyncDispose]();
      throw error;
    }
  }
}
