import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exampleNewOrder } from '@org/example-service-contract';
import { startBuilt } from '@org/service/testing';
import { findChromium, skipUnless } from '@org/testing';
import { chromium, type Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { main } from './built.ts';

// What a real browser makes of the answers: the rules of CORS are its, not ours.

const executablePath = findChromium();
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

/** Another origin with an empty page. */
async function otherOrigin(): Promise<{ server: Server; origin: string }> {
  const server = createServer(
    (_request, response) => void response.setHeader('content-type', 'text/html').end('<p>hi'),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}` };
}

interface Attempt {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  credentials?: 'include' | 'omit';
}

/** What a page gets that asks: the status and some headers, or `kept from it`. */
const attempt = (page: Page, url: string, init: Attempt = {}) =>
  page.evaluate(
    async ([url, init]) => {
      try {
        const response = await fetch(url, init);
        await response.text();
        return [response.status, response.headers.has('x-request-id'), response.headers.get('location') !== null];
      } catch {
        return 'kept from it';
      }
    },
    [url, init] as const,
  );

test('a browser lets pages of the allowed origin use the API, and those of no other', async (context) => {
  skipUnless(context, executablePath !== undefined, { what: 'Chromium', get: 'apt-get install chromium' });
  const [allowed, foreign] = [await otherOrigin(), await otherOrigin()];
  const environment = { REST_CORS_ORIGINS: allowed.origin, REST_CORS_CREDENTIALS: 'true' };
  await using service = await startBuilt(main, { environment });
  const browser = await chromium.launch({ executablePath: executablePath, args });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    const json = { 'content-type': 'application/json' };
    const order = { method: 'POST', headers: json, body: JSON.stringify(exampleNewOrder) };
    const orders = `${service.url}/orders`;

    await page.goto(allowed.origin);
    expect(await attempt(page, orders)).toEqual([200, true, false]);
    expect(await attempt(page, orders, order)).toEqual([201, true, true]);
    const more = { ...json, authorization: 'Bearer x', 'idempotency-key': 'a', 'x-request-timeout': '5000' };
    expect(await attempt(page, orders, { ...order, headers: more, credentials: 'include' })).toEqual([201, true, true]);
    // Refusals are readable too, or else a page could not tell them from a broken network.
    expect(await attempt(page, `${service.url}/nowhere`)).toEqual([404, true, false]);
    expect(await attempt(page, orders, { ...order, body: '{' })).toEqual([400, true, false]);
    expect(await attempt(page, orders, { ...order, headers: { ...json, 'x-unknown': '1' } })).toBe('kept from it');
    expect(await attempt(page, orders, { method: 'DELETE' })).toBe('kept from it');

    await page.goto(foreign.origin);
    expect(await attempt(page, orders)).toBe('kept from it');
    expect(await attempt(page, orders, order)).toBe('kept from it');
    // What the preflight kept away was never placed.
    const { items } = (await (await fetch(orders)).json()) as { items: unknown[] };
    expect(items).toHaveLength(2);
  } finally {
    await browser.close();
    allowed.server.close();
    foreign.server.close();
  }
}, 60_000);
