import { secretsConformance, type SecretFeature } from '@org/secrets/conformance';
import { findVault } from '@org/testing';
import { describe, test } from 'vitest';
import { vaultPlace } from '../test-fixtures/vault-place.ts';

await using found = await findVault();
const { implementation, double } = found;
// A real Vault goes by its own clock, and is not ours to stop.
const switched: SecretFeature[] = double ? ['outages', 'leases'] : [];

describe.concurrent.each([
  ['kv', 'a key-value engine that keeps versions', ['versions']],
  ['kvOne', 'a key-value engine that does not', []],
] as const)(`%s in ${implementation}, %s`, (engine, _, more) => {
  const features: SecretFeature[] = ['follows', 'permissions', ...switched, ...more];
  for (const { name, needs, run } of secretsConformance({ place: ({ clock }) => vaultPlace(clock, { engine }) })) {
    test.skipIf(needs && !features.includes(needs))(name, { timeout: 30_000 }, run);
  }
});
