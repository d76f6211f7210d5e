import { secretsConformance, type SecretFeature } from '@org/secrets/conformance';
import { findVault, skipUnless, vaultRequirement } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { vaultPlace } from '../test-fixtures/vault-place.ts';

await using found = await findVault();
const { implementation, double } = found;
// A real Vault goes by its own clock, and is not ours to stop.
const switched: SecretFeature[] = double ? ['outages', 'leases'] : [];

describe.concurrent.each([
  ['kv', 'a key-value engine that keeps versions', ['versions']],
  ['kvOne', 'a key-value engine that does not', []],
] as const)(`${implementation}: %s, %s`, (engine, _, more) => {
  const features: SecretFeature[] = ['follows', 'permissions', ...switched, ...more];
  for (const { name, needs, run } of secretsConformance({ place: ({ clock }) => vaultPlace(clock, { engine }) })) {
    test.skipIf(needs && !features.includes(needs))(name, { timeout: 30_000 }, run);
  }
});

test('was run against Vault or OpenBao itself', (context) => {
  skipUnless(context, double === undefined, vaultRequirement);
  expect(implementation).toMatch(/^(Vault|OpenBao) /);
});
