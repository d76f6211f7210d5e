import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Runtime } from '@org/runtime';
import { leavesBody, lingerAfter } from './linger.ts';
import { requestIdFrom } from './request-id.ts';

type Report = ReturnType<Runtime['health']['liveness']>;
type Probe = () => Report | Promise<Report>;

export const probePaths = ['/livez', '/readyz'] as const;

/** Answers the probes on the port of REST, status only: outside of contract, traces and logs. */
export interface Probes {
  /** Gives `false` when the path is no probe's. */
  serve(path: string, request: IncomingMessage, response: ServerResponse): boolean;
}

export function createProbes({ health }: Runtime, closing: () => boolean): Probes {
  const probes: ReadonlyMap<string, Probe> = new Map(
    probePaths.map((path) => [path, path === '/livez' ? () => health.liveness() : () => health.readiness()]),
  );
  return {
    serve(path, request, response) {
      const probe = probes.get(path);
      if (probe) void answer(probe, request, response, closing);
      return probe !== undefined;
    },
  };
}

async function answer(probe: Probe, request: IncomingMessage, response: ServerResponse, closing: () => boolean) {
  const mayAsk = request.method === 'GET' || request.method === 'HEAD';
  const status = mayAsk ? await statusOf(probe) : undefined;
  const text = status === undefined ? '' : JSON.stringify({ status });
  response.writeHead(status === undefined ? 405 : status === 'failed' ? 503 : 200, [
    ...['x-request-id', requestIdFrom(request.headers['x-request-id'])],
    ...['content-length', String(text.length), 'cache-control', 'no-store'],
    ...(mayAsk ? ['content-type', 'application/json'] : ['allow', 'GET, HEAD']),
    ...(closing() || isCut(request) ? ['connection', 'close'] : []),
  ]);
  response.end(text);
}

/** Whether what is still to come of the request is not waited for. */
function isCut(request: IncomingMessage): boolean {
  if (request.complete || !leavesBody(request)) return false;
  lingerAfter(request.socket);
  return true;
}

async function statusOf(probe: Probe): Promise<Report['status']> {
  try {
    return (await probe()).status;
  } catch {
    return 'failed';
  }
}
