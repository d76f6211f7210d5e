import { contract, exampleNewOrder, type Order } from '@org/example-service-contract';
import { startBuilt } from '@org/service/testing';
import { findChromium, skipUnless } from '@org/testing';
import { chromium, type Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { main } from './built.ts';

const executablePath = findChromium();
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What the page asks for besides the service, and what it complains of. */
function watch(page: Page, origin: string) {
  const seen = { foreign: [] as string[], complaints: [] as string[] };
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== 'data:') seen.foreign.push(url.href);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') seen.complaints.push(message.text());
  });
  page.on('pageerror', (error) => seen.complaints.push(error.message));
  return seen;
}

test('the page lists the operations, and “Try it out” really creates an order', async (context) => {
  skipUnless(context, executablePath !== undefined, { what: 'Chromium', get: 'apt-get install chromium' });
  await using service = await startBuilt(main);
  const browser = await chromium.launch({ executablePath: executablePath, args });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    const seen = watch(page, new URL(service.url).origin);

    await page.goto(service.links.Docs!);
    await page.waitForSelector('.opblock');
    const listed = await page
      .locator('.opblock')
      .evaluateAll((blocks) =>
        blocks.map((block) =>
          ['method', 'path'].map((part) => block.querySelector(`.opblock-summary-${part}`)?.textContent),
        ),
      );
    const promised = contract.operations.map(({ method, path }) => `${method} ${path.replace(':id', '{id}')}`);
    expect(listed.map(([method, path]) => `${method} ${path?.replaceAll('\u200b', '')}`).sort()).toEqual(
      promised.sort(),
    );

    const operation = page.locator('.opblock-post', { hasText: 'Place an order' });
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('button.execute').click();
    const answer = operation.locator('.live-responses-table tbody .response');
    await answer.locator('.response-col_status', { hasText: '201' }).waitFor();

    const { items } = (await (await fetch(`${service.url}/orders`)).json()) as { items: Order[] };
    expect(items).toMatchObject([exampleNewOrder]);
    expect(await answer.locator('.response-col_description').innerText()).toContain(items[0]!.id);
    expect(seen).toEqual({ foreign: [], complaints: [] });
  } finally {
    await browser.close();
  }
}, 60_000);
