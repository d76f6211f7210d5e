export { askVault, type VaultAccess, type VaultAnswer } from './ask-vault.ts';
export type { DatabaseUsers } from './database-engine.ts';
export type { FaultScope, VaultFault } from './faults.ts';
export { findVault, vaultRequirement, type FoundVault } from './find-vault.ts';
export { startVaultDouble, type VaultDouble, type VaultDoubleOptions, type VaultRequest } from './vault-double.ts';
