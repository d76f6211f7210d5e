import { ServiceError } from '@org/errors';
import { CircuitState, CountBreaker, circuitBreaker, handleWhenResult, isBrokenCircuitError } from 'cockatiel';
import type { Clock } from './clock.ts';
import { expectInteger, expectNumber } from './expect-number.ts';

export interface BreakerOptions {
  /** The circuit opens when more than this share of the last `size` calls failed; above 0 and below 1. Default: 0.5. */
  readonly threshold?: number;
  /** How many of the last calls are looked at, from 1 up. Default: 20. */
  readonly size?: number;
  /** How many calls there must have been before the circuit opens, from 1 to `size`. Default: half of `size`. */
  readonly minimum?: number;
  /** How long the circuit stays open before one call may try whether the server is back, in milliseconds. Default: 5000. */
  readonly openMs?: number;
  /** Whether an error counts as a failure of the server. Default: `blamesServer`. */
  readonly when?: (error: ServiceError) => boolean;
}

/** `half_open`: one call tries whether the server is back, all others are still rejected. */
export type BreakerState = 'closed' | 'half_open' | 'open';

/** What an error says about the server: it failed, it answered, or nothing. */
export type Verdict = 'failed' | 'answered' | 'unknown';

export interface BreakerEvents {
  changed(state: BreakerState): void;
  rejected(): void;
}

export interface Breaker {
  /** Runs work unless the server is known to be down. */
  <Result>(work: () => Promise<Result>, judge: (thrown: unknown) => Verdict): Promise<Result>;
  state(): BreakerState;
}

type Outcome<Result> = { failed: boolean } & ({ value: Result } | { thrown: unknown });

/**
 * Rejects calls to a server that failed too often. It counts calls and not seconds, so that it means the same under
 * little and much load.
 *
 * @throws {RangeError} for options out of their limits; the breaker itself rejects with `unavailable`, CIRCUIT_OPEN.
 */
export function createBreaker(name: string, options: BreakerOptions, clock: Clock, events: BreakerEvents): Breaker {
  const { threshold = 0.5, size = 20, minimum = Math.ceil(size / 2), openMs = 5_000 } = options;
  expectInteger('breaker.size', size, 1);
  expectInteger('breaker.minimum', minimum, 1);
  expectNumber('breaker.minimum', minimum, { min: 1, max: size });
  expectNumber('breaker.openMs', openMs, { min: 0 });
  if (!(threshold > 0 && threshold < 1)) {
    throw new RangeError(`Expected \`breaker.threshold\` to be above 0 and below 1, got \`${threshold}\``);
  }
  let reopenAt = 0;
  const isOver = () => clock.now() >= reopenAt;
  const circuit = circuitBreaker(
    handleWhenResult((outcome) => (outcome as Outcome<unknown>).failed),
    {
      breaker: new CountBreaker({ threshold, size, minimumNumberOfCalls: minimum }),
      // It is compared with a difference of `Date.now()`, which jumps when somebody sets the clock.
      halfOpenAfter: { next: onOpening },
    },
  );
  circuit.onStateChange((state) => events.changed(stateNames[state]));
  events.changed('closed');

  function onOpening() {
    reopenAt = clock.now() + openMs;
    return {
      next: onOpening,
      get duration() {
        return isOver() ? -Infinity : Infinity;
      },
    };
  }
  const reject = () => {
    events.rejected();
    return open(name, Math.max(1, Math.ceil(reopenAt - clock.now())));
  };

  const run = async <Result>(work: () => Promise<Result>, judge: (thrown: unknown) => Verdict) => {
    // Otherwise all of them would wait for the one that tries.
    if (circuit.state === CircuitState.HalfOpen) throw reject();
    const attempt = async (): Promise<Outcome<Result>> => {
      const trying = circuit.state === CircuitState.HalfOpen;
      try {
        return { failed: false, value: await work() };
      } catch (thrown) {
        const verdict = judge(thrown);
        // A thrown error counts neither way. The one that tries must come to a decision, though.
        if (verdict === 'unknown' && !trying) throw thrown;
        return { failed: verdict !== 'answered', thrown };
      }
    };
    const outcome = await circuit.execute(attempt).catch((thrown: unknown) => {
      throw isBrokenCircuitError(thrown) ? reject() : thrown;
    });
    if ('thrown' in outcome) throw outcome.thrown;
    return outcome.value;
  };
  return Object.assign(run, { state: () => stateNames[circuit.state] });
}

const stateNames: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Open]: 'open',
  // Held open by hand, which nobody here does.
  [CircuitState.Isolated]: 'open',
};

/** What the breaker itself rejects with, so that it is told from the same error of somebody else. */
export class CircuitOpen extends ServiceError {}

function open(name: string, retryAfterMs: number): CircuitOpen {
  const message = `Cannot begin a call of \`${name}\`: too many of the last ones failed. Try again in ${retryAfterMs} ms`;
  return new CircuitOpen('unavailable', message, { reason: 'CIRCUIT_OPEN', details: { retryAfterMs } });
}
