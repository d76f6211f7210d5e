import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { codes, type Code } from './codes.ts';
import { ServiceError, toServiceError } from './service-error.ts';

describe('ServiceError', () => {
  test('carries code, reason, details and cause', () => {
    const cause = new Error('unique violation');
    const details = { violations: [{ pointer: '/email', detail: 'is taken' }], retryAfterMs: 100 };
    const error = new ServiceError('already_exists', 'Cannot add the user', { reason: 'EMAIL_TAKEN', details, cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'ServiceError',
      message: 'Cannot add the user',
      code: 'already_exists',
      reason: 'EMAIL_TAKEN',
      details,
    });
    expect(error.cause).toBe(cause);
  });

  test.each(codes)('takes the code %s alone', (code) => {
    const error = new ServiceError(code, 'It failed');
    expect(error.code).toBe(code);
    expect(error.reason).toBeUndefined();
    expect(error.details).toBeUndefined();
    expect(Object.hasOwn(error, 'cause')).toBe(false);
  });

  test('keeps a cause that is no error, even undefined', () => {
    expect(new ServiceError('internal', 'It failed', { cause: 'text' }).cause).toBe('text');
    expect(Object.hasOwn(new ServiceError('internal', 'It failed', { cause: undefined }), 'cause')).toBe(true);
  });

  test.each(['NOT_FOUND', 'ok', '', undefined, 5])('refuses the code %o', (code) => {
    expect(() => new ServiceError(code as Code, 'It failed')).toThrow(
      new TypeError(`Expected \`code\` to be one of the error codes, got \`${String(code)}\``),
    );
  });

  test.each(['', 'lower', 'With Space', 'A-B', '_A', 'A_', 'A__B', '1A'])('refuses the reason %o', (reason) => {
    expect(() => new ServiceError('internal', 'It failed', { reason })).toThrow(
      new TypeError(`Expected \`reason\` to be an UPPER_SNAKE name, got \`${reason}\``),
    );
  });

  test.each(['A', 'ORDER_NOT_FOUND', 'HTTP2_GOAWAY', 'RATE_429'])('takes the reason %s', (reason) => {
    expect(new ServiceError('internal', 'It failed', { reason }).reason).toBe(reason);
  });
});

describe('how a ServiceError shows itself', () => {
  const details = { retryAfterMs: 5 };
  const cause = new Error('connection refused');
  const error = new ServiceError('unavailable', 'Cannot open it', { reason: 'DATABASE_DOWN', details, cause });

  test('as JSON: code, reason, message and details, but neither stack nor cause', () => {
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: { code: 'unavailable', reason: 'DATABASE_DOWN', message: 'Cannot open it', details },
    });
    expect(JSON.stringify(new ServiceError('internal', 'Bare'))).toBe('{"code":"internal","message":"Bare"}');
  });

  test('on the console: message, stack, code, reason, details and cause', () => {
    const shown = inspect(error);
    expect(shown).toMatch(/^ServiceError: Cannot open it\n\s+at .*service-error\.test\.ts/);
    expect(shown).toContain(`code: 'unavailable'`);
    expect(shown).toContain(`reason: 'DATABASE_DOWN'`);
    expect(shown).toContain('retryAfterMs: 5');
    expect(shown).toContain('[cause]: Error: connection refused');
    expect(inspect(new ServiceError('internal', 'Bare'))).not.toMatch(/undefined|reason|details/);
  });

  test('as text: name and message', () => {
    expect(String(error)).toBe('ServiceError: Cannot open it');
  });
});

describe('toServiceError', () => {
  test('takes even what cannot be looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const shy = Object.defineProperty(new Error(), 'name', {
      get() {
        throw new Error('no');
      },
    });
    for (const thrown of [proxy, shy]) expect(toServiceError(thrown)).toMatchObject({ code: 'internal' });
  });

  test('leaves a ServiceError as it is', () => {
    const error = new ServiceError('not_found', 'No such order');
    expect(toServiceError(error)).toBe(error);
  });

  test('takes a time-out of the platform for deadline_exceeded', async () => {
    const thrown: unknown = await delay(1_000, undefined, { signal: AbortSignal.timeout(1) }).catch((error) => error);
    expect(toServiceError(thrown)).toMatchObject({ code: 'deadline_exceeded' });
    expect(toServiceError(AbortSignal.abort(new DOMException('late', 'TimeoutError')).reason)).toMatchObject({
      code: 'deadline_exceeded',
      message: 'The time for the operation is over',
    });
  });

  test('takes an abortion for cancelled', async () => {
    const { reason }: { reason: unknown } = AbortSignal.abort();
    expect(toServiceError(reason)).toMatchObject({ code: 'cancelled', cause: reason });
    const thrown: unknown = await delay(1_000, undefined, { signal: AbortSignal.abort() }).catch((error) => error);
    expect(toServiceError(thrown)).toMatchObject({ code: 'cancelled', cause: thrown });
  });

  test('gives the ServiceError with which an operation of Node was aborted', async () => {
    const over = new ServiceError('deadline_exceeded', 'The call is over', { reason: 'DEADLINE_EXCEEDED' });
    const thrown: unknown = await delay(1_000, undefined, { signal: AbortSignal.abort(over) }).catch((error) => error);
    expect(thrown).not.toBe(over);
    expect(toServiceError(thrown)).toBe(over);
  });

  test.each([new TypeError('x is undefined'), 'text', 7, null, undefined, { name: 'AbortError' }])(
    'wraps %o as internal, and says nothing of it in the message',
    (thrown) => {
      const error = toServiceError(thrown);
      expect(error).toMatchObject({ code: 'internal', message: 'Something unexpected went wrong' });
      expect(error.cause).toBe(thrown);
    },
  );
});
