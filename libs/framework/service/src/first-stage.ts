import {
  environmentStore,
  readSettings,
  type Environment,
  type Fragments,
  type ReadSettings,
  type SecretStore,
} from '@org/config';
import type { Contract } from '@org/contract';
import type { Runtime } from '@org/runtime';
import type { ServiceDefinition } from './definition.ts';
import { fragmentsOf, type KernelSettings } from './fragments.ts';

/** What is known of a service's configuration before anything is opened. */
export interface FirstStage {
  readonly read: ReadSettings<Fragments>;
  /** The kernel's own settings, which wait for no reference. */
  readonly kernelSettings: KernelSettings;
  /** The secret stores that references may lead to, `env:` first. */
  readonly stores: readonly SecretStore<unknown, Runtime<Contract>>[];
}

/**
 * Reads the configuration of a service as far as it goes without its secret stores.
 *
 * @throws {ServiceError} invalid_argument, CONFIGURATION_INVALID, with all faults at once.
 */
export function readFirstStage(
  definition: Pick<ServiceDefinition<Fragments>, 'name' | 'config' | 'secrets'>,
  environment: Environment,
): FirstStage {
  const stores = [environmentStore(environment), ...(definition.secrets ?? [])];
  const schemes = stores.map(({ scheme }) => scheme);
  const read = readSettings(fragmentsOf(definition), { environment, service: definition.name, schemes });
  return { read, stores, kernelSettings: read.settings as unknown as KernelSettings };
}
