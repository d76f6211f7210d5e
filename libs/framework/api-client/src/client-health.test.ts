import { describe, expect, test } from 'vitest';
import { contract } from '../test-fixtures/orders.ts';
import { json, problem, serve } from '../test-fixtures/serve.ts';
import { fakeClient } from './testing/index.ts';
import { clientHealth, createClient } from './index.ts';

const params = { id: '7' };

describe('the health of a client', () => {
  test('is bad from when its circuit opens until a call goes well again, without a call of its own', async () => {
    let down = true;
    await using server = await serve((response) =>
      down ? problem(response, 503, { code: 'unavailable' }) : json(response, 200, { id: '7', quantity: 2 }),
    );
    const breaker = { size: 2, minimum: 2, openMs: 1 };
    const client = createClient(contract, { url: server.url, timeoutMs: 5_000 }, { retry: false, breaker });
    const health = clientHealth(client);
    await health.check();
    expect(server.requests).toHaveLength(0);

    for (let call = 0; call < 2; call += 1) await client.getOrder({ params }).catch(() => {});
    await expect(health.check()).rejects.toThrow('the circuit is open');

    down = false;
    await expect.poll(() => client.getOrder({ params }).catch(() => {})).toBeDefined();
    await health.check();
  });

  test('never makes a service unready', () => {
    expect(clientHealth(fakeClient(contract).client)).toMatchObject({ kind: 'service', critical: false });
  });

  test('is good where there is no circuit', async () => {
    await clientHealth(fakeClient(contract).client).check();
  });

  test('cannot be had of anything else', () => {
    expect(() => clientHealth({})).toThrow(TypeError);
  });
});
