import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from '@org/api-rest';
import type { NextFunction, Request, Response } from 'express';

/** Express as other people write it, badly as it may be, by path. */
const handled: Readonly<Record<string, (request: Request, response: Response, next: NextFunction) => unknown>> = {
  '/throws': () => {
    throw new Error('from a page');
  },
  '/rejects': () => Promise.reject(new Error('from a page')),
  '/passes-an-error': (_, __, next) => next(Object.assign(new Error('teapot'), { status: 418, expose: true })),
  '/passes-a-text': (_, __, next) => next('from a page'),
  '/passes-twice': (_, __, next) => {
    next();
    next();
  },
  '/passes-and-answers': (_, response, next) => {
    next();
    response.end('late');
  },
  '/answers-and-passes': (_, response, next) => {
    response.end('early');
    next(new Error('too late'));
  },
  '/answers-twice': (_, response) => {
    response.json({ first: true });
    response.json({ second: true });
  },
  '/answers-late': async (_, response) => {
    response.json({ first: true });
    await delay(20);
    response.set('x-late', 'a').status(500).json({ second: true });
  },
  '/half-and-throws': (_, response) => {
    response.write('half');
    throw new Error('half-way');
  },
  '/redirects': (request, response) => response.redirect(request.query.to as string),
  '/files': (request, response) => response.sendFile(request.query.path as string, { root: import.meta.dirname }),
  '/never': () => undefined,
};

/** A page whose parts do all that Express handlers should not. */
export const hostilePage: Page = {
  path: '/page',
  title: 'Hostile',
  handler: () => (request, response, next) => {
    const handle = Object.hasOwn(handled, request.path) ? handled[request.path] : undefined;
    return handle ? handle(request, response, next) : next();
  },
};
