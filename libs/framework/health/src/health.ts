import type { Logger } from '@org/logging';
import { createCheckRunner, type CheckRunner } from './check-runner.ts';
import { watchEventLoop } from './event-loop.ts';
import { createHistory } from './history.ts';
import { createHealthInstruments } from './instruments.ts';
import type { HealthSettings } from './settings.ts';
import type { Check, CheckResult, Health, Report, Status } from './types.ts';

const ok: Report = { status: 'ok', checks: {} };

/**
 * Begins to watch the event loop, and whatever is added. Make it after telemetry has started; dispose it last.
 *
 * The service counts as starting until `started` is called.
 */
export function createHealth(settings: HealthSettings, { logger }: { logger: Logger }): Health {
  const runners = new Map<string, CheckRunner>();
  const history = createHistory(logger);
  const instruments = createHealthInstruments(() => runners.values());
  const eventLoop = watchEventLoop(settings.stallMs, (stalledMs) =>
    history.note('event-loop', stalledMs === undefined ? ok : { status: 'failed', reason: stalledFor(stalledMs) }),
  );
  let starting: string | undefined = 'starting';
  let stopping: string | undefined;

  const notReady = (reason: string): Report => {
    const known = [...runners].flatMap(([name, { last }]) => (last ? [[name, last] as const] : []));
    return { status: 'failed', reason, checks: Object.fromEntries(known) };
  };

  return {
    liveness() {
      const stalledMs = eventLoop.stalledMs();
      if (stalledMs === undefined) return ok;
      return { status: 'failed', reason: `the event loop ${stalledFor(stalledMs)}`, checks: {} };
    },

    async readiness() {
      const before = stopping ?? starting;
      if (before !== undefined) return notReady(before);
      const results = await Promise.all(
        [...runners.values()].map(async (each) => [each, await each.result()] as const),
      );
      // What happened in the meantime is newer than the results.
      if (stopping !== undefined) return notReady(stopping);
      const current = results.filter(([runner]) => runners.get(runner.check.name) === runner);
      const checks = Object.fromEntries(current.map(([{ check }, result]) => [check.name, result]));
      return { status: worstOf(Object.values(checks)), checks };
    },

    startup: () => (starting === undefined ? ok : { status: 'failed', reason: starting, checks: {} }),

    changes: () => history.changes(),

    add(check) {
      expectName(check.name, runners);
      const { timeoutMs, cacheMs } = settings;
      const onResult = (result: CheckResult) => {
        instruments.ran(check, result);
        history.note(check.name, result);
      };
      const runner = createCheckRunner(check, { timeoutMs, cacheMs, onResult });
      runners.set(check.name, runner);
      return () => {
        if (runners.get(check.name) !== runner) return;
        runners.delete(check.name);
        runner.stop();
        history.forget(check.name);
      };
    },

    waitingFor(what) {
      if (starting !== undefined) starting = what === undefined ? 'starting' : `waiting for ${what}`;
    },

    started() {
      starting = undefined;
    },

    stopping(reason) {
      stopping ??= `stopping: ${reason}`;
    },

    async [Symbol.asyncDispose]() {
      stopping ??= 'stopped';
      eventLoop[Symbol.dispose]();
      instruments[Symbol.dispose]();
      for (const runner of runners.values()) runner.stop();
      runners.clear();
    },
  };
}

function worstOf(results: readonly CheckResult[]): Status {
  const has = (status: Status) => results.some((result) => result.status === status);
  return has('failed') ? 'failed' : has('degraded') ? 'degraded' : 'ok';
}

function stalledFor(stalledMs: number): string {
  return `stalled for ${(stalledMs / 1_000).toFixed(1)} s`;
}

function expectName(name: Check['name'], taken: ReadonlyMap<string, unknown>): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) {
    const expected = 'letters, digits, `.`, `_` and `-`, at most 63';
    throw new TypeError(`Expected \`name\` of a check to be ${expected}, got \`${name}\``);
  }
  if (taken.has(name) || name === 'event-loop') {
    throw new TypeError(`Expected \`name\` of a check to be unused, got \`${name}\``);
  }
}
