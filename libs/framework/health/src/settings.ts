import { defineSettings, duration, variable, type Settings } from '@org/config';

/** What a service reads about its probes: `HEALTH_TIMEOUT`, `HEALTH_CACHE`, `HEALTH_STALL`. */
export const healthSettings = defineSettings({
  timeoutMs: variable('HEALTH_TIMEOUT', duration({ min: '1ms' }), {
    description: 'How long a readiness check may take before it counts as failed; below the time-out of the prober.',
    default: '900ms',
    references: false,
  }),
  cacheMs: variable('HEALTH_CACHE', duration(), {
    description: 'How long the result of a readiness check is shared by all probes.',
    default: '1s',
    references: false,
  }),
  stallMs: variable('HEALTH_STALL', duration({ min: '10ms' }), {
    description: 'How long the event loop may stand still before liveness fails; it then fails for as long again.',
    default: '10s',
    references: false,
  }),
});

export type HealthSettings = Settings<typeof healthSettings>;
