import type { Contract } from '@org/contract';
import { Router, type RequestHandler } from 'express';
import { passThrough } from './express.ts';
import { refuse } from './refusal.ts';
import type { Entry } from './router.ts';
import { sendEmpty } from './send.ts';

/** What a page may show. */
export interface PageContext {
  readonly contract: Contract;
  /** Where the OpenAPI document is served; `undefined` when the contract has none. */
  readonly openapiPath: string | undefined;
}

/** Something for people, below a path of its own: an Express handler that sees the path as if it were the root. */
export interface Page {
  /** Such as `/docs`. Whoever asks for it is sent to `/docs/`, so that relative links hold. */
  readonly path: string;
  /** What the page is, in a word, for whoever reads the terminal: `Docs`. */
  readonly title: string;
  handler(context: PageContext): RequestHandler;
}

/** The entries in the table of routes that serve a page. */
export function pageEntries(page: Page, context: PageContext): Entry[] {
  const { path } = page;
  const router = Router().use(path, page.handler(context));
  // Relative to what was asked for, so that it holds behind a prefix.
  const location = `${path.slice(path.lastIndexOf('/') + 1)}/`;
  return [
    { method: 'GET', path, serve: (exchange) => sendEmpty(exchange, 302, { location }) },
    {
      method: 'GET',
      path: `${path}/*`,
      async serve(exchange) {
        await passThrough(router, exchange);
        if (!exchange.over) throw refuse('ROUTE_NOT_FOUND');
      },
    },
  ];
}
