import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineContract } from '@org/contract';
import { rawRequest } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { defineService } from '../define-service.ts';
import { startService } from '../testing/index.ts';
import { wantsPage } from './page.ts';

const service = defineService({
  name: 'orders-of-page',
  contract: defineContract({ name: 'orders-of-page', version: '1.0.0', title: 'Orders', operations: [] }),
  config: {},
  start: async () => {},
});
const browser = { headers: { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' } };

test.each([
  ['text/html,application/xhtml+xml;q=0.9', true],
  ['TEXT/HTML', true],
  ['*/*', false],
  ['application/json', false],
  ['', false],
  [undefined, false],
])('a caller that accepts %j gets the page: %s', (accept, page) => {
  expect(wantsPage(accept)).toBe(page);
});

test('a browser gets the page at /, and a program the list', async () => {
  await using running = await startService(service);
  const page = await fetch(running.links.Ops!, browser);
  expect([page.status, page.headers.get('content-type'), page.headers.get('vary')]).toEqual([
    200,
    'text/html; charset=utf-8',
    'accept',
  ]);
  expect(await page.text()).toMatch(/^<!doctype html>[^]*content="loopback"/);
  const list = await fetch(running.links.Ops!);
  expect([list.status, list.headers.get('vary'), await list.json()]).toMatchObject([200, 'accept', expect.any(Array)]);
  const head = await fetch(running.links.Ops!, { ...browser, method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('its policy allows what stands in the file, and nothing else', async () => {
  await using running = await startService(service);
  const page = await fetch(running.links.Ops!, browser);
  const policy = page.headers.get('content-security-policy')!;
  const directives = new Map(policy.split('; ').map((each) => [each.split(' ')[0], each.split(' ').slice(1)]));
  expect(directives.get('default-src')).toEqual([`'none'`]);
  expect(directives.get('connect-src')).toEqual([`'self'`]);
  for (const name of ['base-uri', 'form-action', 'frame-ancestors']) expect(directives.get(name)).toEqual([`'none'`]);
  expect(policy).not.toMatch(/unsafe|\*|https?:/);

  const html = await page.text();
  for (const element of ['script', 'style']) {
    const contents = [...html.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))].map(([, text]) => text!);
    expect(contents.length).toBeGreaterThan(0);
    expect(html.split(`<${element}`).length - 1).toBe(contents.length);
    const hashes = contents.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
    expect(directives.get(`${element}-src`)).toEqual(hashes);
  }
  // Nothing is inline that the policy would refuse, and nothing comes from elsewhere.
  expect(html).not.toMatch(/\son\w+="|\sstyle="|(?:src|href)="(?:https?:)?\/\//);
});

test('no text of the service can become markup', async () => {
  const html = await readFile(join(import.meta.dirname, '../../assets/ops.html'), 'utf8');
  expect(html).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/);
});

describe('who gets the page', () => {
  const askAs = async (opsUrl: string, host: string) => {
    const head = `GET / HTTP/1.1\r\nhost: ${host}\r\naccept: text/html\r\nconnection: close\r\n\r\n`;
    return (await rawRequest(Number(new URL(opsUrl).port), head)).text;
  };

  test('without a token only loopback', async () => {
    await using running = await startService(service);
    expect(await askAs(running.opsUrl, 'localhost')).toMatch(/^HTTP\/1.1 200 /);
    expect(await askAs(running.opsUrl, 'evil.example')).toMatch(/^HTTP\/1.1 403 [^]*OPS_LOOPBACK_ONLY/);
  });

  test('with a token everybody, and nothing that needs it', async () => {
    await using running = await startService(service, { environment: { OPS_TOKEN: 'hunter2-ops' } });
    const page = await askAs(running.opsUrl, 'orders.example');
    expect(page).toMatch(/^HTTP\/1.1 200 [^]*content="token"/);
    expect(page).not.toMatch(/hunter2|orders-of-page/);
    for (const path of ['', 'config', 'dependencies', 'loglevel', 'health/changes']) {
      expect((await fetch(`${running.opsUrl}/${path}`)).status).toBe(401);
    }
  });
});
