import { join } from 'node:path';
import { findRabbitmq, rabbitmqRequirement, runReadme, skipUnless } from '@org/testing';
import { Connection } from 'rabbitmq-client';
import { expect, test, vi } from 'vitest';
import { withUser } from '../test-fixtures/with-user.ts';

test('the example of the README runs', { timeout: 90_000 }, async (context) => {
  await using server = await findRabbitmq();
  skipUnless(context, server !== undefined, rabbitmqRequirement);
  vi.stubEnv('BROKER_URL', server.url);
  const operator = new Connection(withUser(server.url));
  const remove = async () => {
    const name = 'readme/readme.order.placed.v1';
    for (const queue of [name, `${name}/dead`, `${name}/retry/100`]) await operator.queueDelete({ queue });
  };
  try {
    await remove();
    expect(await runReadme(join(import.meta.dirname, '..'))).toBe('o1, attempt 2\n');
  } finally {
    vi.unstubAllEnvs();
    await remove();
    await operator.close();
  }
});
