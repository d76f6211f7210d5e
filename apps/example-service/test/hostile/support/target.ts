import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Environment } from '@org/config';
import { startBuilt, type BuiltService } from '@org/service/testing';
import { rawRequest, waitFor } from '@org/testing';
import { expect } from 'vitest';
import { main } from '../../built.ts';
import { buildBundle } from '../../build-bundle.ts';
import { parseAnswers, summaryOf, type Answer } from './answers.ts';
import { parseExposition } from './metrics.ts';
import { openConnections } from './open-connections.ts';
import { ask, order, post } from './requests.ts';

/** What is to become of the connection behind the answer. */
export type Then = 'serves' | 'closes';

/**
 * A hostile request: what it is, the answers that it gets, what becomes of its connection, and its bytes. An answer is
 * as `summaryOf` has it; several are joined by `, `, alternatives by ` | `.
 */
export type Attack = readonly [name: string, expected: string, then: Then, bytes: string | Uint8Array];

/** A built service that is attacked. Disposing it asserts that nothing of it is left. */
export interface Target extends AsyncDisposable {
  readonly service: BuiltService;
  readonly port: number;
  readonly opsPort: number;
  /** Sends bytes over a connection of its own and gives the answers, once the service has closed it. `to` is a port. */
  send(bytes: string | Uint8Array, to?: number): Promise<Answer[]>;
  /** The same, for one answer. */
  one(bytes: string | Uint8Array, to?: number): Promise<Answer>;
  /** What it tells Prometheus. */
  exposition(): Promise<string>;
  /** Asserts what an attack gets, and that an honest request behind it is served, or not even seen. */
  withstand(attack: Attack): Promise<void>;
  /** Asserts that an ordinary request is served: an order, for the example. */
  serves(): Promise<void>;
  /** Asserts that nothing is left of what was done to it, and that nothing was logged as an error but what is expected. */
  unharmed(expectedErrors?: readonly string[]): Promise<void>;
}

export interface TargetOptions {
  readonly environment?: Environment;
  /** Whether its handlers leave work behind that never ends, so that it is abandoned when the service stops. */
  readonly abandons?: boolean;
}

/** What an honest client asks of a service. */
interface Honest {
  /** A path that is answered with 200. */
  readonly path: string;
  /** A request with a body, that closes the connection, and the status that it gets. */
  readonly ordinary: Uint8Array;
  readonly status: number;
}

const closing = ['Connection: close'];

/** Starts the example. */
export async function openTarget(options: TargetOptions = {}): Promise<Target> {
  return open(main, options, { path: '/orders?limit=1', ordinary: post(order, closing), status: 201 });
}

/** Starts the service with the hostile handlers. */
export async function openHostileTarget(options: TargetOptions = {}): Promise<Target> {
  await using bundle = await buildBundle(join(import.meta.dirname, '../service/main.ts'));
  // What has started does not need its file any more.
  return await open(bundle.file, options, { path: '/counts', ordinary: post('{}', closing, '/echo'), status: 200 });
}

async function open(file: string, options: TargetOptions, honest: Honest): Promise<Target> {
  const fixed = { HOST: '127.0.0.1', OPS_HOST: '127.0.0.1', SHUTDOWN_TIMEOUT: '5s' };
  const service = await startBuilt(file, { environment: { ...fixed, ...options.environment } });
  return targetOf(service, options, honest);
}

function targetOf(service: BuiltService, { abandons = false }: TargetOptions, honest: Honest): Target {
  const [port, opsPort] = [service.url, service.opsUrl].map((url) => Number(new URL(url).port)) as [number, number];
  const { pid } = service.process;

  async function send(bytes: string | Uint8Array, to = port): Promise<Answer[]> {
    const { text, end } = await rawRequest(to, bytes);
    expect({ end, text: end === 'closed' ? '' : text.slice(0, 500) }).toEqual({ end: 'closed', text: '' });
    return parseAnswers(text);
  }

  async function one(bytes: string | Uint8Array, to = port): Promise<Answer> {
    const answers = await send(bytes, to);
    expect(answers).toHaveLength(1);
    return answers[0]!;
  }

  async function serves(): Promise<void> {
    const { status } = await one(honest.ordinary);
    expect(status).toBe(honest.status);
  }

  function connections(): number {
    return openConnections(pid, port) + openConnections(pid, opsPort);
  }

  async function exposition(): Promise<string> {
    return (await one(ask('/metrics', closing), opsPort)).text;
  }

  async function active(): Promise<number> {
    const samples = parseExposition(await exposition()).filter(({ name }) => name === 'http_server_active_requests');
    return samples.reduce((sum, { value }) => sum + value, 0);
  }

  return {
    service,
    port,
    opsPort,
    send,
    one,
    serves,
    exposition,
    async withstand([, expected, then, bytes]) {
      const id = randomUUID();
      const answers = await send(Buffer.concat([Buffer.from(bytes as string), canary(honest.path, id)]));
      const seen = answers.filter(({ headers }) => headers['x-request-id'] === id);
      const others = answers.filter((answer) => !seen.includes(answer));
      const got = others.map(summaryOf);
      const wanted = expected.split(', ').map((alternatives) => alternatives.split(' | '));
      // What stands behind the attack may be refused before the connection is closed.
      if (then === 'closes' && got.length === wanted.length + 1 && got.at(-1) === '400 REQUEST_MALFORMED') got.pop();
      const fits = got.length === wanted.length && wanted.every((each, index) => each.includes(got[index]!));
      const became = seen.length > 0 ? 'serves' : 'closes';
      expect(`${fits ? expected : got.join(', ')}; ${became}`).toBe(`${expected}; ${then}`);
      for (const answer of others) assertExplained(answer);
      for (const answer of seen) expect(answer.status).toBe(200);
    },
    async unharmed(expectedErrors = []) {
      await serves();
      await waitFor(() => connections() === 0, { what: 'all connections to be closed' });
      if (!abandons) await waitFor(async () => (await active()) === 0, { what: 'no request to be at work' });
      assertLines(service, expectedErrors);
    },
    async [Symbol.asyncDispose]() {
      service.process.kill('SIGTERM');
      const { code } = await service.process.exit;
      expect({ code, stderr: service.process.stderr.slice(0, 500) }).toEqual({ code: abandons ? 1 : 0, stderr: '' });
      const abandoned = service.logs.filter(({ msg }) => String(msg).includes('abandoned'));
      expect(abandoned).toHaveLength(abandons ? 1 : 0);
    },
  };
}

/** An honest request that comes behind an attack, over the same connection. */
function canary(path: string, id: string): Buffer {
  return Buffer.from(ask(path, [`X-Request-Id: ${id}`, 'Connection: close']));
}

/** An answer that refuses says why, in a problem document without what is inside. */
function assertExplained({ status, headers, text }: Answer): void {
  expect(headers['x-request-id']).toMatch(/^[\w.:/+=@-]{1,128}$/);
  if (status < 400 || text === '') return;
  expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(JSON.parse(text)).toMatchObject({ status, requestId: headers['x-request-id'] });
  expect(text).not.toMatch(/\bat .+:\d+:\d+|node_modules|main\.js:/);
  expect(text.length).toBeLessThan(32_768);
}

/** Each line of the log is one JSON object; none is an error but those expected. */
function assertLines({ process: { stdout, stderr } }: BuiltService, expectedErrors: readonly string[]): void {
  expect(stderr.slice(0, 500)).toBe('');
  const lines = stdout.split('\n').slice(0, -1);
  const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  // A line that counts repetitions (`suppressed`) is about others, of which the first was written as a whole.
  const loud = parsed.filter(({ level, suppressed }) => (level === 'error' || level === 'fatal') && !suppressed);
  const unexpected = loud.filter((line) => !expectedErrors.some((text) => JSON.stringify(line).includes(text)));
  expect(unexpected.slice(0, 5).map((line) => JSON.stringify(line).slice(0, 1_000))).toEqual([]);
}
