import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Server } from './server.ts';

const run = promisify(execFile);

/** What is asked of a server again and again. */
export interface Scenario {
  readonly method?: 'GET' | 'POST';
  /** `{n}` becomes a number from 0 to `count` - 1. */
  readonly path: string;
  /** Default: 100. */
  readonly count?: number;
  readonly body?: string;
  readonly token?: string;
  /** Whether answers from 400 up are what is expected. Default: `false`. */
  readonly refused?: boolean;
}

/** Asks for some seconds over 32 connections, and gives the CPU of the server for each request, in microseconds. */
export async function measure(server: Server, scenario: Scenario, seconds: number): Promise<number> {
  const { method = 'GET', path, count = 100, body, token, refused = false } = scenario;
  const env = {
    ...process.env,
    LOAD_METHOD: method,
    LOAD_PATH: path,
    LOAD_COUNT: String(count),
    ...(body !== undefined && { LOAD_BODY: body }),
    ...(token !== undefined && { LOAD_TOKEN: token }),
  };
  const script = join(import.meta.dirname, 'load.lua');
  const wrk = ['-c', '1', 'wrk', '-t1', '-c128', `-d${seconds}s`, '-s', script, `http://127.0.0.1:${server.port}`];
  const before = server.cpu();
  const { stdout } = await run('taskset', wrk, { env });
  const used = server.cpu() - before;
  const [, requests, statuses, broken] = (/MEASURED (\d+) (\d+) (\d+)/.exec(stdout) ?? []).map(Number);
  const expected = refused ? requests : 0;
  if (!requests || statuses !== expected || broken !== 0) {
    throw new Error(
      `Cannot measure ${method} ${path}: expected every answer to be a ${refused ? 'refusal' : 'success'}, got ${stdout}`,
    );
  }
  return used / requests;
}

/** An order as all servers take it, about 340 bytes. */
export const order = JSON.stringify({
  customerId: '0f8b7c1e-58d2-4c1b-9a54-3c1f0a7e21d4',
  currency: 'EUR',
  items: [
    { sku: 'ABC-1234', quantity: 2, unitPrice: 19.99 },
    { sku: 'XYZ-9876', quantity: 1, unitPrice: 249.5 },
  ],
  shippingAddress: { street: '12 Long Street', city: 'Rotterdam', postalCode: '3011 AB', country: 'NL' },
  note: 'front desk',
});

/** A token that the service takes, for an hour. */
export function createToken(): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: 'https://issuer.example', aud: 'bench', sub: 'user-1', iat: now, exp: now + 3_600 };
  const head = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${head}.${createHmac('sha256', 'benchmark-only-shared-key-of-32-bytes!').update(head).digest('base64url')}`;
}
