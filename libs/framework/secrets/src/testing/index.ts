export {
  createMemorySecrets,
  type MemoryLease,
  type MemorySecrets,
  type MemorySecretsOptions,
} from './memory-secrets.ts';
