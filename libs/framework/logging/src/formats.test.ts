import { ServiceError } from '@org/errors';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FormatName } from './formats.ts';
import { openLogging } from './open-logging.ts';

const service = { name: 'orders', version: '1.2.3' };
const traceId = 'a'.repeat(32);
const spanId = 'b'.repeat(16);

type Line = Record<string, unknown>;

async function openAs(format: FormatName, settings: { gcpProject?: string } = {}) {
  const written: string[] = [];
  const destination = { write: (text: string) => written.push(text) };
  const logging = await openLogging({ level: 'trace', format, ...settings }, { service, destination });
  onTestFinished(() => logging[Symbol.asyncDispose]());
  return { logger: logging.logger, written, text: () => written.join('') };
}

const parse = (text: string) => JSON.parse(text) as Line;

function failure() {
  const cause = new TypeError('no route');
  return new ServiceError('unavailable', 'Cannot reach the broker', { reason: 'BROKER_DOWN', cause });
}

describe('gcp', () => {
  test('has the names of Google Cloud Logging, and the other fields as they are', async () => {
    const { logger, text } = await openAs('gcp', { gcpProject: 'shop' });
    logger.named('rest').warn({ trace_id: traceId, span_id: spanId, request_id: 'r-1', orderId: '7' }, 'slow');
    expect(parse(text())).toEqual({
      severity: 'WARNING',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      serviceContext: { service: 'orders', version: '1.2.3' },
      logger: 'rest',
      'logging.googleapis.com/trace': `projects/shop/traces/${traceId}`,
      'logging.googleapis.com/spanId': spanId,
      request_id: 'r-1',
      orderId: '7',
      message: 'slow',
    });
  });

  test('has the bare trace id without a project', async () => {
    const { logger, text } = await openAs('gcp');
    logger.info({ trace_id: traceId }, 'x');
    expect(parse(text())).toMatchObject({ 'logging.googleapis.com/trace': traceId });
  });

  test('has the stack where Error Reporting looks for it', async () => {
    const { logger, text } = await openAs('gcp');
    const err = failure();
    logger.error({ err }, 'failed');
    const line = parse(text());
    expect(line).toMatchObject({
      ...{ severity: 'ERROR', message: 'failed', stack_trace: err.stack },
      err: { type: 'ServiceError', message: err.message, reason: 'BROKER_DOWN', cause: { message: 'no route' } },
    });
    expect(line.err).not.toHaveProperty('stack');
  });

  test('keeps fields from what the agent would take for its own', async () => {
    const { logger, text } = await openAs('gcp');
    logger.info({ severity: 'x', message: 'y', httpRequest: 1, 'logging.googleapis.com/trace': 'z' }, 'right');
    expect(parse(text())).toMatchObject({
      ...{ severity: 'INFO', message: 'right' },
      ...{ _severity: 'x', _message: 'y', _httpRequest: 1, '_logging.googleapis.com/trace': 'z' },
    });
  });

  test('has a severity for each level', async () => {
    const { logger, written } = await openAs('gcp');
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) logger[level]('x');
    const severities = written.map((line) => parse(line).severity);
    expect(severities).toEqual(['DEBUG', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']);
  });
});

describe('ecs', () => {
  test('has the names of the Elastic Common Schema in its order, and the other fields as labels', async () => {
    const { logger, text } = await openAs('ecs');
    const ids = { trace_id: traceId, span_id: spanId, request_id: 'r-1' };
    logger.named('rest').warn({ ...ids, 'order.id': '7', status: 200, list: [1, { a: 2 }], message: 'mine' }, 'slow');
    const line = parse(text());
    expect(Object.keys(line).slice(0, 3)).toEqual(['@timestamp', 'log.level', 'message']);
    expect(line).toEqual({
      '@timestamp': expect.stringMatching(/^\d{4}-.*Z$/) as string,
      'log.level': 'warn',
      message: 'slow',
      'ecs.version': '8.11.0',
      'service.name': 'orders',
      'service.version': '1.2.3',
      'event.dataset': 'orders.log',
      'log.logger': 'rest',
      'trace.id': traceId,
      'span.id': spanId,
      'http.request.id': 'r-1',
      labels: { order_id: '7', status: 200, list: '[1,{"a":2}]', message: 'mine' },
    });
  });

  test('has an error as `error.*`, and what more it says as a label', async () => {
    const { logger, written } = await openAs('ecs');
    const err = failure();
    logger.error({ err }, 'failed');
    logger.error({ err: 'a text' }, 'failed');
    expect(parse(written[0] as string)).toMatchObject({
      'error.type': 'ServiceError',
      'error.message': err.message,
      'error.stack_trace': err.stack,
      'error.code': 'unavailable',
      labels: { err: expect.stringContaining('"reason":"BROKER_DOWN"') as string },
    });
    expect(parse(written[1] as string)).toMatchObject({ 'error.message': 'a text' });
  });
});

describe('logfmt', () => {
  test('has the fields in the order of json, quoted where they need it, an error flat', async () => {
    const { logger, text } = await openAs('logfmt');
    const err = Object.assign(new RangeError('too far'), { stack: 'RangeError: too far\n    at x' });
    logger.named('rest').info({ a: 1, b: 'two words', c: '', d: '="\\', ok: true, no: null, list: [1], err }, 'Größe');
    expect(text().replace(/time=\S+/, 'time=T')).toBe(
      'level=info time=T service=orders version=1.2.3 logger=rest a=1 b="two words" c="" d="=\\"\\\\" ok=true no=null list=[1] ' +
        'err.type=RangeError err.message="too far" err.stack="RangeError: too far\\n    at x" msg="Größe"\n',
    );
  });

  test('has names without blanks, quotes, equal signs and control characters', async () => {
    const { logger, text } = await openAs('logfmt');
    logger.info({ 'a b': 1, 'c="d': 2, 'e\n\u2028': 3, '': 4, msg: 5 }, 'x');
    expect(text()).toMatch(/ a_b=1 c__d=2 e__=3 _=4 _msg=5 msg=x\n$/);
  });
});

describe('pretty', () => {
  test('is for people: time, level, name and message, then the fields', async () => {
    const { logger, text } = await openAs('pretty');
    logger.named('database').warn({ pool: 3, trace_id: traceId }, 'lost a connection');
    expect(text()).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: database: lost a connection \{"pool":3\}\n$/);
  });

  test('shows an error and its causes below, indented', async () => {
    const { logger, text } = await openAs('pretty');
    logger.error({ err: failure() }, 'failed');
    const [first, ...below] = text().trimEnd().split('\n');
    expect(first).toMatch(/ERROR: failed \{"err":\{"code":"unavailable","reason":"BROKER_DOWN"\}\}$/);
    expect(below.every((line) => line.startsWith('    '))).toBe(true);
    expect(below[0]).toBe('    ServiceError: Cannot reach the broker');
    expect(below.find((line) => line.includes('Caused by'))).toBe('    Caused by TypeError: no route');
  });

  test('shows what is thrown and is no error among the fields', async () => {
    const { logger, text } = await openAs('pretty');
    logger.error({ err: 'a text' }, 'failed');
    expect(text()).toMatch(/ERROR: failed \{"err":"a text"\}\n$/);
  });
});
