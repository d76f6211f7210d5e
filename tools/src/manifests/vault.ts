import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import type { IVolumeMount } from 'kubernetes-models/v1/VolumeMount';
import type { VariableDescription } from './description.ts';
import { variablesOf, type Service } from './service.ts';

/** The variable that says where Vault is: a service that has its store declares it. */
export const vaultAddress = 'VAULT_ADDR';
/** Where Vault and OpenBao listen unless they are told otherwise. */
export const vaultPort = 8200;

const volume = 'vault-token';
const folder = '/var/run/secrets/vault';
const file = 'token';
/** For how long a token is good, in seconds; the kubelet writes another when a fifth of it is left. */
const expirationSeconds = 3_600;
/** Whom the token is for: the `audience` of the role in Vault, whose login has the API server review the token. */
const audience = 'https://kubernetes.default.svc.cluster.local';

/** Whether the service reads from Vault what its variables refer to. */
export function hasVault(service: Service): boolean {
  return variablesOf(service).some(({ name }) => name === vaultAddress);
}

/** The token by which a pod says to Vault whose it is. Nothing else is mounted of the service account. */
export function vaultVolumes(): NonNullable<IPodSpec['volumes']> {
  const serviceAccountToken = { path: file, audience, expirationSeconds };
  return [{ name: volume, projected: { sources: [{ serviceAccountToken }] } }];
}

/** Not a `subPath`, which would stay with the first token. */
export function vaultVolumeMounts(): IVolumeMount[] {
  return [{ name: volume, mountPath: folder, readOnly: true }];
}

/** Where the container finds the token. */
export function vaultEnvironment() {
  return [{ name: 'VAULT_JWT_PATH', value: `${folder}/${file}` }];
}

/** A setting of an overlay, and what production has there. */
export interface VaultSetting {
  variable: VariableDescription;
  value: string;
}

/**
 * What production sets to read credentials from Vault: as which role, and where each is, such as
 * `DATABASE_CREDENTIALS=vault:kv/parcel-service/database`. Where Vault is, only the team knows.
 */
export function vaultSettings(service: Service): VaultSetting[] {
  return variablesOf(service).flatMap((variable) => {
    const value = valueOf(service, variable);
    return value === undefined ? [] : [{ variable, value }];
  });
}

function valueOf({ name: service }: Service, { name, secret }: VariableDescription): string | undefined {
  if (name === 'VAULT_AUTH') return 'kubernetes';
  if (name === 'VAULT_ROLE') return service;
  const [, purpose] = /^(\w+)_CREDENTIALS$/.exec(name) ?? [];
  if (!secret || purpose === undefined) return undefined;
  return `vault:kv/${service}/${purpose.toLowerCase().replaceAll('_', '-')}`;
}
