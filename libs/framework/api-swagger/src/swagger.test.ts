import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serveRest, type RestServer } from '@org/api-rest';
import { defineContract } from '@org/contract';
import { collectLogger } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { swagger } from './index.ts';

const openapi = { openapi: '3.1.1', info: { title: 'T', version: '1' }, paths: {} };
const contract = defineContract({
  name: 'things',
  version: '1.0.0',
  title: 'Things <&> "more"',
  operations: [],
  openapi,
});

const ok = { status: 'ok', checks: {} } as const;
const runtime = () => ({
  logger: collectLogger(),
  service: { name: 'things', version: '1.0.0', commit: undefined },
  contract,
  health: { liveness: () => ok, readiness: async () => ok, startup: () => ok, changes: () => [] },
  signal: new AbortController().signal,
});

const serve = (options?: Parameters<typeof swagger>[0]): Promise<RestServer> =>
  serveRest(
    { port: 0, host: '127.0.0.1', bodyLimit: 100 },
    { contract, routes: [], pages: [swagger(options)] },
    runtime(),
  );

/** The addresses that a page refers to, resolved against its own. */
async function references(url: string): Promise<string[]> {
  const html = await (await fetch(url)).text();
  return [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, reference]) => new URL(reference!, url).href);
}

async function documentUrl(pageUrl: string): Promise<string> {
  const script = await (await fetch(new URL('initializer.js', pageUrl))).text();
  return new URL(/"url": "([^"]*)"/.exec(script)![1]!, pageUrl).href;
}

describe('the page', () => {
  test('refers to local files alone, which are there with their types', async () => {
    await using server = await serve();
    const found = await references(`${server.url}/docs/`);
    const types = await Promise.all(
      found.map(async (url) => {
        const response = await fetch(url);
        expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(0);
        return [url.replace(server.url, ''), response.status, response.headers.get('content-type')];
      }),
    );
    expect(types).toEqual([
      ['/docs/favicon-32x32.png', 200, 'image/png'],
      ['/docs/swagger-ui.css', 200, 'text/css; charset=utf-8'],
      ['/openapi.json', 200, 'application/json'],
      ['/docs/swagger-ui-bundle.js', 200, 'text/javascript; charset=utf-8'],
      ['/docs/initializer.js', 200, 'text/javascript; charset=utf-8'],
    ]);
  });

  test('forbids whatever does not come from here, and all that is inline but styles', async () => {
    await using server = await serve();
    for (const file of ['', 'swagger-ui-bundle.js', 'initializer.js', 'nothing']) {
      const { headers } = await fetch(`${server.url}/docs/${file}`);
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(headers.get('content-security-policy')).not.toMatch(/unsafe-eval|script-src[^;]*unsafe|https?:|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.has('x-request-id')).toBe(true);
    }
    const html = await (await fetch(`${server.url}/docs/`)).text();
    expect(html).not.toMatch(/<script>|<style>|\son\w+=|style=/);
  });

  test('has the title of the contract, escaped', async () => {
    await using server = await serve();
    const response = await fetch(`${server.url}/docs/`);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response.text()).toContain('<title>Things &#60;&#38;&#62; &#34;more&#34;</title>');
  });

  test.each(['/docs', '/a/b', '/deep/er/than-that'])('finds the document from %s', async (path) => {
    await using server = await serve({ path });
    const response = await fetch(`${server.url}${path}`);
    expect(response.url).toBe(`${server.url}${path}/`);
    expect(await documentUrl(response.url)).toBe(`${server.url}/openapi.json`);
    expect(server.links.Docs).toBe(`${server.url}${path}/`);
  });

  test('holds behind a prefix that the service does not know', async () => {
    await using server = await serve();
    const proxy = createServer((request, response) => {
      if (!request.url?.startsWith('/prefix/')) return void response.writeHead(404).end();
      void fetch(`${server.url}${request.url.slice('/prefix'.length)}`, { redirect: 'manual' }).then(async (answer) => {
        response
          .writeHead(answer.status, Object.fromEntries(answer.headers))
          .end(Buffer.from(await answer.arrayBuffer()));
      });
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/prefix/docs`;
    const page = await fetch(url);
    expect(page.url).toBe(`${url}/`);
    for (const reference of [...(await references(page.url)), await documentUrl(page.url)]) {
      expect(reference).toContain('/prefix/');
      expect((await fetch(reference)).status).toBe(200);
    }
    proxy.closeAllConnections();
    proxy.close();
  });

  test('lets browsers keep its large files for a while, and ask again for the rest', async () => {
    await using server = await serve();
    const bundle = await fetch(`${server.url}/docs/swagger-ui-bundle.js`);
    await bundle.arrayBuffer();
    expect(bundle.headers.get('cache-control')).toBe('public, max-age=3600');
    const page = await fetch(`${server.url}/docs/`);
    expect(page.headers.get('cache-control')).toBe('no-cache');
    for (const { url, headers } of [bundle, page]) {
      const again = await fetch(url, {
        headers: { 'if-none-match': headers.get('etag')!, 'cache-control': 'max-age=0' },
      });
      expect([url, again.status]).toEqual([url, 304]);
    }
  });

  test.each(['package.json', '../package.json', '..%2fpackage.json', '%2e%2e/swagger.ts', 'swagger-ui.css/x', 'a%00'])(
    'gives nothing else away: %s',
    async (file) => {
      await using server = await serve();
      expect((await fetch(`${server.url}/docs/${file}`)).status).toBe(404);
    },
  );
});

test('a contract without a document is refused', async () => {
  const { openapi: _, ...bare } = contract;
  const options = { contract: bare, routes: [], pages: [swagger()] };
  const started = serveRest({ port: 0, host: '127.0.0.1', bodyLimit: 100 }, options, runtime());
  await expect(started).rejects.toThrow(TypeError);
});

test.each(['', '/', 'docs', '/docs/', '/:a', '/a b', '//'])('the path %j is refused', (path) => {
  expect(() => swagger({ path })).toThrow(TypeError);
});
