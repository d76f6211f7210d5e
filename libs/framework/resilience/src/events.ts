import { createInstruments } from '@org/metrics';
import type { BreakerEvents, BreakerState } from './breaker.ts';
import type { RetryEvents } from './retry.ts';

/** What the parts of a policy tell of. */
export interface Events {
  readonly retry: RetryEvents;
  readonly breaker: BreakerEvents;
  readonly bulkheadFull: () => void;
}

const valueOfState: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

/** Counts what happens to the calls of one policy, by its name alone. */
export function createEvents(name: string): Events {
  const instruments = createInstruments('@org/resilience');
  const labels = { 'resilience.policy': name };
  const counter = (metric: string, unit: string, description: string) => {
    const instrument = instruments.counter(metric, { unit, description });
    return () => instrument.add(1, labels);
  };
  const state = instruments.gauge('resilience.circuit_breaker.state', {
    description: 'State of the circuit: 0 is closed, 1 half open, 2 open.',
  });
  const opened = counter('resilience.circuit_breaker.opened', '{time}', 'Times that the circuit opened.');
  return {
    retry: {
      retried: counter('resilience.retries', '{retry}', 'Retries made.'),
      budgetExhausted: counter(
        'resilience.retry_budget.exhausted',
        '{retry}',
        'Retries not made because the budget for them was used up.',
      ),
    },
    breaker: {
      changed(to) {
        state.record(valueOfState[to], labels);
        if (to === 'open') opened();
      },
      rejected: counter('resilience.circuit_breaker.rejections', '{call}', 'Calls rejected by an open circuit.'),
    },
    bulkheadFull: counter('resilience.bulkhead.rejections', '{call}', 'Calls rejected by a full bulkhead.'),
  };
}
