import { createInstruments } from '@org/metrics';
import { metrics } from '@opentelemetry/api';
import type { SecretsCore } from './core.ts';
import type { Followed } from './follow.ts';
import { library } from './instruments.ts';

/** Has age and lease of each secret looked up whenever somebody collects metrics. Gives what ends it. */
export function observeSecrets({ clock, scheme }: SecretsCore, followed: ReadonlyMap<string, Followed>): () => void {
  const make = createInstruments(library);
  const age = make.observableGauge('secrets.age', {
    description: 'How long ago the store last confirmed the value that is in force.',
    unit: 's',
  });
  const remaining = make.observableGauge('secrets.lease.remaining', {
    description: 'How long the lease of the value in force still runs; 0 when it has ended.',
    unit: 's',
  });
  const stale = make.observableGauge('secrets.stale', {
    description: 'Secrets of which the last value is served because another could not be read.',
    unit: '{secret}',
  });
  const instruments = [age, remaining, stale];
  const meter = metrics.getMeter(library);
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    const store = { 'secrets.store': scheme };
    const all = [...followed.values()];
    result.observe(stale, all.filter((each) => each.failure()).length, store);
    for (const each of all) {
      const { confirmedAt, lease, endsAt } = each.generation();
      const attributes = { ...store, 'secrets.path': each.path };
      result.observe(age, (clock.now() - confirmedAt) / 1000, attributes);
      if (lease) result.observe(remaining, Math.max(0, endsAt - clock.now()) / 1000, attributes);
    }
  };
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}
