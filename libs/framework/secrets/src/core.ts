import type { Logger } from '@org/logging';
import type { Clock } from './clock.ts';
import type { SecretsInstruments } from './instruments.ts';
import type { Leases } from './leases.ts';
import type { SecretProvider } from './provider.ts';

/** What the parts of one open store share. */
export interface SecretsCore {
  readonly scheme: string;
  readonly provider: SecretProvider;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly instruments: SecretsInstruments;
  readonly leases: Leases;
  readonly maxAgeMs: number;
  readonly timeoutMs: number;
  /** Aborts when the store is closed. */
  readonly closed: AbortSignal;
}

/** What is done to a path, as messages say it: ``read `vault:kv/orders` at https://vault:8200``. */
export function doingTo({ scheme, provider }: SecretsCore, verb: string, path: string): string {
  return `${verb} \`${scheme}:${path}\` at ${provider.location}`;
}
