export type { RestOptions } from './application.ts';
export { decodeCursor, encodeCursor, toPage, type Page as ListPage } from './cursor.ts';
export type { IdempotencyStore } from './idempotency.ts';
export { implement, type Answer, type Exchange, type Handler, type Input, type Route } from './implement.ts';
export { memoryIdempotencyStore } from './memory-idempotency-store.ts';
export type { Page, PageContext } from './page.ts';
export { accepted, created, noContent, reply, type Reply } from './reply.ts';
export { createRestHandler, serveRest, type RestServer } from './serve-rest.ts';
export { restSettings, type RestSettings } from './settings.ts';
