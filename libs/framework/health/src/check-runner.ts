import { runOutsideCalls } from '@org/context';
import { ServiceError } from '@org/errors';
import { reasonOf } from './reason.ts';
import type { Check, CheckResult } from './types.ts';

export interface CheckRunnerOptions {
  /** How long a run may take, in milliseconds. */
  timeoutMs: number;
  /** For how long a result is shared, in milliseconds. */
  cacheMs: number;
  /** Told the result of each run. */
  onResult: (result: CheckResult) => void;
}

/** One check with its last result. */
export interface CheckRunner {
  readonly check: Check;
  /** `undefined` before the first run has ended. */
  readonly last: CheckResult | undefined;
  /** The last result while it is recent, else that of the run under way, which it begins if there is none. Never rejects. */
  result(): Promise<CheckResult>;
  /** Aborts the run under way. From then on nobody is told anything. */
  stop(): void;
}

interface Run {
  readonly start: number;
  /** Ends the run: with a reason when it failed. What comes later is not heard. */
  end(reason: string | undefined): void;
  readonly abort: AbortController;
  readonly result: Promise<CheckResult>;
}

/** Runs a check when it is asked for its result: one run at a time, each for a limited time, for all who ask. */
export function createCheckRunner(check: Check, { timeoutMs, cacheMs, onResult }: CheckRunnerOptions): CheckRunner {
  const { kind, critical = true } = check;
  let last: { result: CheckResult; time: number } | undefined;
  // A run stays here until the check has settled, which a check that hangs never does.
  let run: Run | undefined;
  let stopped = false;

  const resultOf = (start: number, reason: string | undefined): CheckResult => {
    const time = performance.now();
    const status = reason === undefined ? 'ok' : critical ? 'failed' : 'degraded';
    // To the microsecond: a person reads it.
    const durationMs = Math.round((time - start) * 1_000) / 1_000;
    const result = { status, ...(kind && { kind }), durationMs, ...(reason && { reason }) } as const;
    last = { result, time };
    return result;
  };

  const begin = (): Run => {
    const start = performance.now();
    const abort = new AbortController();
    const { promise: ended, resolve: end } = Promise.withResolvers<string | undefined>();
    const timer = setTimeout(() => {
      const reason = `no answer within ${timeoutMs} ms`;
      end(reason);
      abort.abort(new ServiceError('deadline_exceeded', `The check ${check.name} gave ${reason}`));
    }, timeoutMs);
    // Whoever asks first must not lend the run its own deadline, identity or trace: the result is for all.
    const settled = runOutsideCalls(() => Promise.try(() => check.check(abort.signal)));
    void settled
      .then(
        () => end(undefined),
        (thrown: unknown) => end(reasonOf(thrown)),
      )
      .finally(() => (run = undefined));
    const result = ended.then((reason) => {
      clearTimeout(timer);
      const found = resultOf(start, reason);
      if (!stopped) onResult(found);
      return found;
    });
    return { start, end, abort, result };
  };

  return {
    check,
    get last() {
      return last?.result;
    },
    async result() {
      if (last && performance.now() - last.time < cacheMs) return last.result;
      if (run?.abort.signal.aborted) {
        const seconds = Math.round((performance.now() - run.start) / 1_000);
        return resultOf(run.start, `no answer for ${seconds} s; it runs again when the run that hangs has ended`);
      }
      return (run ??= begin()).result;
    },
    stop() {
      stopped = true;
      run?.end('the check was removed');
      run?.abort.abort(new ServiceError('cancelled', `The check ${check.name} was removed`));
    },
  };
}
