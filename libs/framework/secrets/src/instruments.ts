import { createInstruments } from '@org/metrics';
import type { Histogram } from '@opentelemetry/api';

export const library = '@org/secrets';

/** What is measured of a store's calls; made when the store is opened, so that it belongs to the telemetry then in place. */
export interface SecretsInstruments {
  readonly operationDuration: Histogram;
}

export function createSecretsInstruments(): SecretsInstruments {
  return {
    operationDuration: createInstruments(library).histogram('secrets.operation.duration', {
      description: 'Duration of what a secret store was asked to do: read, renew or revoke.',
      unit: 's',
    }),
  };
}
