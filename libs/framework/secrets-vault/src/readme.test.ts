import { join } from 'node:path';
import { askVault, runReadme, startVaultDouble } from '@org/testing';
import { expect, test, vi } from 'vitest';

test('the example of the README runs', async () => {
  await using vault = await startVaultDouble();
  const ask = (path: string, body: object) => askVault({ url: vault.url, token: vault.rootToken }, 'POST', path, body);
  await ask('sys/mounts/kv', { type: 'kv', options: { version: '2' } });
  await ask('kv/data/orders/database', { data: { username: 'orders', password: 'one' } });
  await ask('sys/mounts/transit', { type: 'transit' });
  await ask('transit/keys/cards', {});
  vi.stubEnv('VAULT_ADDR', vault.url);
  vi.stubEnv('VAULT_TOKEN', vault.rootToken);
  try {
    expect(await runReadme(join(import.meta.dirname, '..'))).toBe('[secret] 3\n2\n4111 1111 1111 1111\n');
  } finally {
    vi.unstubAllEnvs();
  }
});
