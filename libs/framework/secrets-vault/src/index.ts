export type { Certificate, CertificateRequest } from './certificates.ts';
export {
  openVault,
  type ReadSecretOptions,
  type Vault,
  type VaultOptions,
  type WriteSecretOptions,
} from './open-vault.ts';
export type { SecretData } from './secret-data.ts';
export { vaultSettings, vaultSettingsOf, type VaultSettings } from './settings.ts';
export type { Transit, TransitOptions } from './transit.ts';
export { vault } from './vault.ts';
