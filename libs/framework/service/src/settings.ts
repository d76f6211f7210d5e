import { defineSettings, duration, port, secret, text, variable } from '@org/config';

/** What the kernel itself reads. None of it takes a reference to a secret store, since it is needed to open one. */
export const serviceSettings = defineSettings(
  {
    shutdownDelayMs: variable('SHUTDOWN_DELAY', duration(), {
      description:
        'How long to go on serving after SIGTERM, so that load balancers notice. Must be shorter than `SHUTDOWN_TIMEOUT`.',
      default: ({ production }) => (production ? '5s' : '0s'),
      references: false,
    }),
    shutdownTimeoutMs: variable('SHUTDOWN_TIMEOUT', duration(), {
      description: 'How long a stop may take in all; past it the service names what hung and ends with exit code 1.',
      default: '25s',
      references: false,
    }),
    startTimeoutMs: variable('START_TIMEOUT', duration(), {
      description: 'How long each part of the service may take to open.',
      default: '30s',
      references: false,
    }),
    version: variable('SERVICE_VERSION', text(), {
      description: 'The version of the build; the image sets it.',
      default: '0.0.0-dev',
      references: false,
    }),
    commit: variable('SERVICE_COMMIT', text(), {
      description: 'The commit of the build; the image sets it.',
      optional: true,
      references: false,
    }),
    buildTime: variable('SERVICE_BUILD_TIME', text(), {
      description: 'When the build was made (ISO 8601); the image sets it.',
      optional: true,
      references: false,
    }),
  },
  {
    check: ({ shutdownDelayMs, shutdownTimeoutMs }) =>
      shutdownDelayMs < shutdownTimeoutMs
        ? []
        : ['SHUTDOWN_DELAY: expected to be shorter than SHUTDOWN_TIMEOUT, which covers the whole stop'],
  },
);

/** The ops port's settings, with the service's own port as the default. */
export function opsSettings(defaults: { port: number }) {
  return defineSettings({
    port: variable('OPS_PORT', port(), {
      description: 'The port of probes, metrics and whatever else an operator needs.',
      default: String(defaults.port),
      references: false,
    }),
    host: variable('OPS_HOST', text(), {
      description: 'The address that the ops port listens on; without it, all interfaces.',
      optional: true,
      references: false,
    }),
    token: variable('OPS_TOKEN', secret(), {
      description:
        'The bearer token for whatever is not a probe, `/metrics` or `/info`; without it those answer to loopback only.',
      optional: true,
      references: false,
    }),
  });
}
