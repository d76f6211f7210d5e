import { setImmediate as afterwards } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';

const head = { 'content-type': 'application/json' };

function later(response: ServerResponse, act: () => void): void {
  response.once('close', () => setImmediate(act));
}

/** How a handler can answer by itself, badly as it may be, by name. */
export const answered: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  'and-gives': (response) => {
    response.writeHead(200, head).end('{"by":"itself"}');
    return { by: 'the framework' };
  },
  'and-throws': (response) => {
    response.writeHead(200, head).end('{"by":"itself"}');
    throw new Error('after its answer');
  },
  twice: (response) => {
    response.writeHead(200, head).end('{"by":"itself"}');
    response.writeHead(500, head).end('{"by":"again"}');
  },
  'and-writes-on': (response) => {
    response.writeHead(200, head).end('{"by":"itself"}');
    later(response, () => {
      response.write('more');
      response.end('more');
    });
  },
  'and-sets-a-header-later': (response) => {
    response.writeHead(200, head).end('{"by":"itself"}');
    later(response, () => response.setHeader('x-late', 'a'));
  },
  'with-a-status-that-is-none': (response) => {
    response.writeHead(99_999, head).end('{}');
  },
  'with-a-header-that-is-none': (response) => {
    response.setHeader('x-odd', 'a\r\nb');
    response.end('{}');
  },
  'half-and-throws': (response) => {
    response.writeHead(200, head).write('{"half":');
    throw new Error('half-way');
  },
  'half-and-rejects-later': async (response) => {
    response.writeHead(200, head).write('{"half":');
    await afterwards();
    throw new Error('half-way');
  },
  'half-and-breaks': (response) => {
    response.writeHead(200, head).write('{"half":');
    response.destroy(new Error('half-way'));
  },
  'half-of-a-length': (response) => {
    response.writeHead(200, { ...head, 'content-length': '100' }).write('{"half":');
    throw new Error('half-way');
  },
  'half-and-ends-well': (response) => {
    response.writeHead(200, head).write('{"half":');
  },
  'the-head-alone': (response) => {
    response.writeHead(200, head).flushHeaders();
  },
  'by-breaking': (response) => {
    response.socket?.destroy();
  },
};
