import { defineSecretStore } from '@org/secrets';
import { openConnection } from './connection.ts';
import { createVaultProvider } from './provider.ts';
import { vaultSettings } from './settings.ts';

/**
 * Vault and OpenBao as a store, for `secrets` of a service: `vault:kv/orders/database#password`. What lies at a path of a
 * key-value engine, credentials that another engine makes (`vault:database/creds/orders`), and certificates
 * (`vault:pki/issue/orders?common_name=orders.shop.svc#chain`).
 */
export const vault = defineSecretStore({
  scheme: 'vault',
  settings: vaultSettings,
  open: async (settings, runtime) => createVaultProvider(await openConnection(settings, runtime), settings.timeoutMs),
});
