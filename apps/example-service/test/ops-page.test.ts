import { readFile } from 'node:fs/promises';
import { ServiceError } from '@org/errors';
import { contract } from '@org/example-service-contract';
import { defineService } from '@org/service';
import { startBuilt, startService, type BuiltService } from '@org/service/testing';
import { findChromium, freePort, skipUnless, waitFor } from '@org/testing';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { main } from './built.ts';

const executablePath = findChromium();
const token = 'hunter2-ops';

let browser: Browser;
beforeAll(async () => {
  if (executablePath === undefined) return;
  const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'];
  browser = await chromium.launch({ executablePath, args });
});
afterAll(() => browser?.close());
beforeEach((context) => {
  skipUnless(context, executablePath !== undefined, { what: 'Chromium', get: 'apt-get install chromium' });
});

/** Opens the page in a window of its own, and collects what it asks for elsewhere and complains of. */
async function openPage(opsUrl: string, { width = 1280, clock = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, acceptDownloads: true });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const seen = { foreign: [] as string[], complaints: [] as string[] };
  page.on('request', (request) => {
    const { origin, protocol, href } = new URL(request.url());
    if (origin !== opsUrl && protocol !== 'data:' && protocol !== 'blob:') seen.foreign.push(href);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') seen.complaints.push(message.text());
  });
  page.on('pageerror', (error) => seen.complaints.push(error.message));
  if (clock) await page.clock.install();
  await page.goto(`${opsUrl}/`);
  return { page, seen, [Symbol.asyncDispose]: () => context.close() };
}

/** What does not fit: the page itself, or sections by their titles. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`
    [document.documentElement, ...document.querySelectorAll('section')]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map((each) => each.querySelector('h2').textContent)
  `);
}

async function makeTraffic({ url }: BuiltService) {
  for (let count = 0; count < 5; count += 1) await fetch(`${url}/orders`);
  await fetch(`${url}/orders/unknown`);
}

const row = (page: Page, table: string, text: string) => page.locator(`#${table} tr`, { hasText: text });
const statusOf = (page: Page) => page.locator('#status');

test('the page shows health, traffic, process, configuration, build and endpoints, and asks for nothing elsewhere', async () => {
  await using service = await startBuilt(main);
  await makeTraffic(service);
  await using opened = await openPage(service.opsUrl);
  const { page, seen } = opened;

  await page.getByRole('heading', { name: 'example-service', level: 1 }).waitFor();
  await statusOf(page).getByText('Ready').waitFor();
  expect(await page.title()).toBe('example-service: ready');
  await row(page, 'checks', 'database').getByText('ok').waitFor();
  await row(page, 'changes', 'database').waitFor();

  await page.getByLabel('since the start').check();
  const orders = row(page, 'routes', 'GET /orders').first();
  expect(await orders.locator('td').first().innerText()).toBe('5');
  expect(await orders.locator('td').nth(4).innerText()).toMatch(/ (ms|µs|s)$/);
  const cpu = page.locator('figure', { hasText: 'CPU' });
  await cpu.locator('b', { hasText: '%' }).waitFor();
  await page.locator('figure', { hasText: 'Memory' }).locator('b', { hasText: 'MiB' }).first().waitFor();
  await page.locator('figure', { hasText: 'utilization' }).locator('b', { hasText: '%' }).waitFor();
  await page.locator('figure', { hasText: 'Event loop delay' }).locator('b', { hasText: 'ms' }).first().waitFor();

  await row(page, 'variables', 'LOG_FORMAT').getByText('environment').waitFor();
  await page.locator('#configuration').getByLabel('Find').fill('shutdown_del');
  await page.getByText('1 of').waitFor();
  expect(await page.locator('#variables tr.cells').count()).toBe(1);

  const { packages } = (await (await fetch(`${service.opsUrl}/dependencies`)).json()) as { packages: object[] };
  await page.getByText(`${packages.length} packages in the bundle`).waitFor();
  await page.locator('#packages li', { hasText: /^zod/ }).waitFor();
  await row(page, 'list', '/profile/cpu').getByText('nobody, since OPS_TOKEN is not set').waitFor();
  await page.getByText('Not available').waitFor();
  expect(seen).toEqual({ foreign: [], complaints: [] });
}, 60_000);

test('a level is set for all, and for one logger', async () => {
  await using service = await startBuilt(main);
  await using opened = await openPage(service.opsUrl);
  const { page } = opened;
  const levels = async () => (await fetch(`${service.opsUrl}/loglevel`)).json();
  const form = page.locator('#level-form');

  await page.locator('#levels li', { hasText: 'rest' }).waitFor();
  await form.getByLabel('Level').selectOption('warn');
  await form.getByRole('button').click();
  await page.getByText('All loggers set to warn').waitFor();
  expect(await levels()).toMatchObject({ level: 'warn' });

  await form.getByLabel('Logger').selectOption('rest');
  await form.getByLabel('Level').selectOption('debug');
  await form.getByLabel('For').selectOption('10 minutes');
  await form.getByRole('button').press('Enter');
  await page.getByText('rest set to debug for 10 minutes').waitFor();
  expect(await levels()).toMatchObject({ level: 'warn', loggers: { rest: 'debug' } });
  expect(await page.locator('#levels li', { hasText: 'rest' }).innerText()).toMatch(/rest\s+debug/);
}, 60_000);

test('with OPS_TOKEN the page asks for it, keeps it in the tab, and takes profiles', async () => {
  await using service = await startBuilt(main, { environment: { OPS_TOKEN: token } });
  await using opened = await openPage(service.opsUrl);
  const { page, seen } = opened;
  const field = page.getByLabel('OPS_TOKEN');
  const give = async (text: string) => {
    await field.fill(text);
    await field.press('Enter');
  };

  await statusOf(page).getByText('Ready').waitFor();
  await field.waitFor();
  expect(await page.locator('#variables').isVisible()).toBe(false);
  expect(seen).toEqual({ foreign: [], complaints: [] });
  await give('wrong');
  await page.getByText('That token was refused.').waitFor();
  await give(token);
  await row(page, 'variables', 'OPS_TOKEN').getByText('[secret]').waitFor();
  expect(await field.isVisible()).toBe(false);
  expect(await page.content()).not.toContain(token);

  await page.reload();
  await row(page, 'variables', 'OPS_TOKEN').waitFor();
  expect(await opened.page.context().cookies()).toEqual([]);

  await page.getByLabel('Seconds').fill('1');
  const [cpu] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Record' }).click(),
  ]);
  expect(cpu.suggestedFilename()).toMatch(/^example-service-.*\.cpuprofile$/);
  expect(JSON.parse(await readFile(await cpu.path(), 'utf8'))).toMatchObject({ nodes: expect.any(Array) });

  await page.getByLabel('pause the service').check();
  const snapshot = page.getByRole('button', { name: 'Take a snapshot' });
  const [heap] = await Promise.all([page.waitForEvent('download', { timeout: 60_000 }), snapshot.click()]);
  expect(heap.suggestedFilename()).toMatch(/^example-service-.*\.heapsnapshot$/);
  expect(await readFile(await heap.path(), 'utf8')).toMatch(/^\{"snapshot":/);

  await page.getByLabel('Seconds').fill('60');
  await page.getByRole('button', { name: 'Record' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled.').waitFor();

  await page.getByRole('button', { name: 'Forget the token' }).click();
  await field.waitFor();
  expect(await page.locator('#variables tr.cells').count()).toBe(0);
}, 120_000);

test.each([360, 768, 1360])(
  'fits a window of %i px, light and dark',
  async (width) => {
    await using service = await startBuilt(main);
    await makeTraffic(service);
    await using opened = await openPage(service.opsUrl, { width });
    const { page } = opened;
    await row(page, 'routes', '/orders').first().waitFor();
    await row(page, 'variables', 'LOG_FORMAT').waitFor();
    const backgrounds = new Set<string>();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await tooWide(page)).toEqual([]);
      const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      backgrounds.add(background);
    }
    expect(backgrounds.size).toBe(2);
  },
  60_000,
);

test('the past of a chart is read with the keyboard', async () => {
  await using service = await startBuilt(main);
  await using opened = await openPage(service.opsUrl);
  const { page } = opened;
  const plot = page.getByRole('slider', { name: 'Memory' });
  await waitFor(async () => Number(await plot.getAttribute('aria-valuemax')) >= 1, {
    what: 'two points of memory',
    timeoutMs: 20_000,
  });
  await plot.focus();
  await page.keyboard.press('Home');
  await waitFor(async () => (await plot.getAttribute('aria-valuenow')) === '0', { what: 'the first point' });
  expect(await plot.getAttribute('aria-valuetext')).toMatch(
    /^\d\d:\d\d:\d\d: resident [\d.]+ MiB, heap used [\d.]+ MiB$/,
  );
}, 60_000);

test('shows what a start waits for, then what fails, as text; and since when nothing answers', async () => {
  const opening = Promise.withResolvers<void>();
  const reason = `<img src=x onerror="document.title=1">${'x'.repeat(200)}`;
  const slow = defineService({
    name: 'slow',
    contract,
    config: {},
    async start({ start }) {
      await start('database', async ({ logger }) => {
        logger.named('<b>bold</b>').info('opened');
        await opening.promise;
        return {
          check: async () => {
            throw new ServiceError('unavailable', reason);
          },
          [Symbol.asyncDispose]: async () => {},
        };
      });
    },
  });
  const port = await freePort();
  const starting = startService(slow, { environment: { OPS_PORT: String(port), HEALTH_CACHE: '0s' } });
  starting.catch(() => {});
  const opsUrl = `http://localhost:${port}`;
  await waitFor(
    () =>
      fetch(`${opsUrl}/livez`).then(
        ({ ok }) => ok,
        () => false,
      ),
    { what: 'the ops port' },
  );
  await using opened = await openPage(opsUrl);
  const { page } = opened;

  await statusOf(page).getByText('Starting').waitFor();
  await page.locator('#probes', { hasText: 'waiting for database' }).waitFor();
  opening.resolve();
  const service = await starting;
  try {
    await statusOf(page).getByText('Not ready').waitFor();
    await row(page, 'checks', 'database').getByText(reason).waitFor();
    await row(page, 'changes', 'database').getByText(reason).waitFor();
    await page.locator('#levels li', { hasText: '<b>bold</b>' }).waitFor();
    expect(await page.locator('main img, #levels span b').count()).toBe(0);
    for (const width of [360, 900, 1360]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await tooWide(page)).toEqual([]);
    }
  } finally {
    await service.stop('the test stops it');
  }
  await page
    .getByRole('alert')
    .getByText(/does not answer\. What is shown is of \d\d:\d\d:\d\d/)
    .waitFor();
  await statusOf(page).getByText('No answer').waitFor();
  expect(await row(page, 'checks', 'database').count()).toBe(1);
}, 60_000);

test('does not ask while nobody looks', async () => {
  await using service = await startBuilt(main);
  await using opened = await openPage(service.opsUrl, { clock: true });
  const { page } = opened;
  let asked = 0;
  page.on('request', (request) => (asked += request.url().endsWith('/metrics') ? 1 : 0));
  await statusOf(page).getByText('Ready').waitFor();
  const hide = (hidden: boolean) =>
    page.evaluate(`
      Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    `);

  const first = asked;
  await page.clock.runFor(10_000);
  await waitFor(() => asked > first, { what: 'a request while somebody looks' });
  // The answers are in before the page is hidden: the next request would be one too many.
  await page.waitForLoadState('networkidle');
  await hide(true);
  const before = asked;
  await page.clock.runFor(60_000);
  expect(asked).toBe(before);
  await hide(false);
  await waitFor(() => asked > before, { what: 'a request' });
}, 60_000);
