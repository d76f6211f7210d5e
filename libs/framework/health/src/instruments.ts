import { createInstruments } from '@org/metrics';
import type { Check, CheckResult } from './types.ts';

/** The metrics of the checks. */
export interface HealthInstruments extends Disposable {
  /** Records how long a run took. */
  ran(check: Check, result: CheckResult): void;
}

/** Makes the metrics; `runners` is asked for the last results whenever somebody collects. */
export function createHealthInstruments(
  runners: () => Iterable<{ readonly check: Check; readonly last: CheckResult | undefined }>,
): HealthInstruments {
  const instruments = createInstruments('@org/health');
  const duration = instruments.histogram('service.health.check.duration', {
    description: 'How long a run of a readiness check took.',
    unit: 's',
  });
  const status = instruments.observableGauge('service.health.check.status', {
    description: 'What the last run of a readiness check found: 1 when it went well, 0 when it failed.',
  });
  const observe: Parameters<typeof status.addCallback>[0] = (observation) => {
    for (const { check, last } of runners()) {
      if (last) observation.observe(last.status === 'ok' ? 1 : 0, attributesOf(check));
    }
  };
  status.addCallback(observe);
  return {
    ran: (check, { durationMs }) => duration.record(durationMs / 1_000, attributesOf(check)),
    [Symbol.dispose]: () => status.removeCallback(observe),
  };
}

function attributesOf({ name, kind, critical = true }: Check): Record<string, string | boolean> {
  return { 'check.name': name, ...(kind && { 'check.kind': kind }), 'check.critical': critical };
}
