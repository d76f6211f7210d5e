import { contract, exampleNewOrder } from '@org/example-service-contract';
import { startService, type StartedService } from '@org/service/testing';
import { waitFor } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { service } from './main.ts';

// The whole service inside this process, on free ports. What it is once built is tested in `test`.

describe('the composition', () => {
  let started: StartedService;
  beforeAll(async () => {
    started = await startService(service);
  });
  afterAll(() => started[Symbol.asyncDispose]());

  test('is ready, and its database is part of that', async () => {
    const response = await fetch(`${started.opsUrl}/readyz`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'ok',
      checks: { database: { kind: 'datastore', status: 'ok' } },
    });
  });

  test('says where the API and its page are', async () => {
    expect(started.links).toMatchObject({ API: started.url, Docs: `${started.url}/docs/` });
    expect((await fetch(started.links.Docs!)).status).toBe(200);
  });

  test('serves the committed document', async () => {
    expect(await (await fetch(`${started.url}/openapi.json`)).json()).toEqual(contract.openapi);
  });

  test('takes an order, logs one line with the request id, and counts it', async () => {
    const response = await fetch(`${started.url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'first-order' },
      body: JSON.stringify(exampleNewOrder),
    });
    expect(response.status).toBe(201);
    await response.text();
    const lines = await waitFor(
      () => {
        const found = started.logs.filter(({ request_id }) => request_id === 'first-order');
        return found.length > 0 && found;
      },
      { what: 'the line of the request' },
    );
    expect(lines).toMatchObject([{ level: 'info', msg: 'request', service: 'example-service' }]);
    const metrics = await (await fetch(`${started.opsUrl}/metrics`)).text();
    const counted = metrics.split('\n').filter((line) => line.startsWith('http_server_request_duration_seconds_count'));
    expect(counted.filter((line) => line.includes('"/orders"'))).toEqual([
      expect.stringMatching(/http_response_status_code="201".* 1$/),
    ]);
  });
});
