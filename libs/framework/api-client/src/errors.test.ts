import { ServiceError, codes, httpStatusByCode, type Code } from '@org/errors';
import { describe, expect, test } from 'vitest';
import { errorFromAnswer } from './error-from-answer.ts';

const callee = { operation: 'getOrder', service: 'orders' };
const problemType = { 'content-type': 'application/problem+json' };

function errorOf(status: number, problem: unknown, headers: Record<string, string> = problemType): ServiceError {
  const text = typeof problem === 'string' ? problem : JSON.stringify(problem);
  return errorFromAnswer({ status, headers: new Headers(headers) }, text, callee);
}

describe('an error is rebuilt from a problem document', () => {
  test.each(codes)('with the code %s', (code) => {
    expect(errorOf(httpStatusByCode[code], { code }).code).toBe(code);
  });

  test('with reason, text, details and violations', () => {
    const error = errorOf(400, {
      code: 'invalid_argument',
      reason: 'REQUEST_INVALID',
      detail: 'It does not fit',
      details: { limit: 5, nested: { deep: ['x'] } },
      errors: [{ in: 'body', pointer: '/quantity', detail: 'Too small' }],
    });
    expect(error.toJSON()).toEqual({
      code: 'invalid_argument',
      reason: 'REQUEST_INVALID',
      message: 'orders answered `getOrder` with 400: It does not fit',
      details: {
        limit: 5,
        nested: { deep: ['x'] },
        violations: [{ in: 'body', pointer: '/quantity', detail: 'Too small' }],
      },
    });
  });

  test('and says when to come back, by seconds or a date', () => {
    const headers = { ...problemType, 'retry-after': '3' };
    expect(errorOf(503, { code: 'unavailable' }, headers).details).toEqual({ retryAfterMs: 3_000 });
  });
});

describe('an answer without a problem document', () => {
  test.each<[number, Code]>([
    [400, 'invalid_argument'],
    [401, 'unauthenticated'],
    [403, 'permission_denied'],
    [404, 'not_found'],
    [409, 'aborted'],
    [418, 'invalid_argument'],
    [429, 'resource_exhausted'],
    [500, 'internal'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'deadline_exceeded'],
    [599, 'internal'],
  ])('of the status %d has the code %s', (status, code) => {
    expect(errorOf(status, '<h1>hunter2</h1>', { 'content-type': 'text/html' })).toMatchObject({ code });
  });

  test('says the phrase of its status, and nothing of its body', () => {
    const error = errorOf(502, '<h1>hunter2</h1>', { 'content-type': 'text/html' });
    expect(error.toJSON()).toEqual({
      code: 'unavailable',
      message: 'orders answered `getOrder` with 502: Bad Gateway',
    });
  });

  test('in plain JSON is none either: any proxy may send that', () => {
    const error = errorOf(404, { code: 'unavailable', reason: 'X' }, { 'content-type': 'application/json' });
    expect(error.toJSON()).toEqual({ code: 'not_found', message: 'orders answered `getOrder` with 404: Not Found' });
  });
});

describe('a hostile problem document', () => {
  test.each<[string, unknown]>([
    ['is no JSON', '{"code"'],
    ['is a list', [{ code: 'internal' }]],
    ['is null', null],
    ['is a text', '"x"'],
    ['has a code that is none', { code: 'ok' }],
    ['has a code of a prototype', { code: 'toString' }],
    ['has a code that is an object', { code: { toString: 'unavailable' } }],
    ['has a reason that is none', { reason: 'not a reason' }],
    ['has a reason of an injected line', { reason: 'A\nB' }],
    ['has an endless reason', { reason: 'A'.repeat(101) }],
    ['has a detail that is no text', { detail: { a: 1 } }],
    ['has violations that are none', { errors: [1, null, {}, { pointer: 1, detail: 'x' }, 'x'] }],
    ['has violations of another form', { errors: { pointer: '/x' } }],
    ['has details that are none', { details: [1, 2] }],
    ['sets what only the client sets', { details: { violations: 'x', retryAfterMs: 1e9 } }],
    [
      'sets prototypes',
      '{"__proto__":{"code":"internal"},"details":{"__proto__":{"x":1},"constructor":{"prototype":{}}}}',
    ],
    ['sets prototypes in another spelling', '{"details":{"\\u005f_proto__":{"x":1}}}'],
    ['sets cause, stack, message and name', { cause: 'x', stack: 'x', message: 'x', name: 'x' }],
  ])('that %s gives the error of its status, and no more', (_, problem) => {
    const error = errorOf(404, problem);
    expect(error).toBeInstanceOf(ServiceError);
    expect(error.toJSON()).toEqual({ code: 'not_found', message: 'orders answered `getOrder` with 404: Not Found' });
    expect(Object.keys(error).sort()).toEqual(['code']);
    expect(error.cause).toBeUndefined();
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test('cannot make the error large, deep or of several lines', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(50)}1${'}'.repeat(50)}`) as object;
    const keys = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, 'x'.repeat(5_000)]));
    const error = errorOf(400, {
      code: 'invalid_argument',
      detail: `a\r\nb\u001b[31m${'x'.repeat(10_000)}`,
      details: {
        deep,
        long: 'x'.repeat(10_000),
        list: Array.from({ length: 1_000 }, () => 1),
        [`k${'y'.repeat(500)}`]: 1,
      },
      errors: Array.from({ length: 1_000 }, () => ({ pointer: '/x'.repeat(1_000), detail: 'x'.repeat(10_000) })),
    });
    expect(error.message).toMatch(/^orders answered `getOrder` with 400: a {2}b \[31mx+$/);
    expect(error.message.length).toBeLessThan(1_100);
    expect(error.details?.violations).toHaveLength(100);
    expect(error.details).toMatchObject({ deep: { a: { a: {} } } });
    expect(JSON.stringify(error.details).length).toBeLessThan(250_000);
    expect(JSON.stringify(errorOf(400, { details: keys }).details).length).toBeLessThan(60_000);
  });
});
