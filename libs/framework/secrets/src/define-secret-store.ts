import type { Fragment, SecretStore } from '@org/config';
import { openSecrets, type Secrets } from './open-secrets.ts';
import type { ProviderRuntime, SecretProvider, SecretsRuntime } from './provider.ts';

export interface SecretStoreDefinition<StoreSettings> {
  /** What its references begin with, without the colon. */
  readonly scheme: string;
  /** What it reads from the environment, in the first stage; each variable with `references: false`. */
  readonly settings: Fragment<StoreSettings>;
  open(settings: StoreSettings, runtime: ProviderRuntime): SecretProvider | Promise<SecretProvider>;
}

/** A store as `secrets` of a service takes it. */
export interface DefinedSecretStore<StoreSettings> extends SecretStore<StoreSettings, SecretsRuntime> {
  readonly settings: Fragment<StoreSettings>;
  open(settings: StoreSettings, runtime: SecretsRuntime): Promise<Secrets>;
}

/** Makes a secret store of a provider, for `secrets` of `defineService`. Nothing is opened here. */
export function defineSecretStore<StoreSettings>(
  definition: SecretStoreDefinition<StoreSettings>,
): DefinedSecretStore<StoreSettings> {
  const { scheme, settings } = definition;
  return {
    scheme,
    settings,
    open: (values, runtime) => openSecrets(scheme, (given) => definition.open(values, given), runtime),
  };
}
