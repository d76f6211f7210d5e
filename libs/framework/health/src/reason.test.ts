import { ServiceError } from '@org/errors';
import { describe, expect, test } from 'vitest';
import { reasonOf } from './reason.ts';

const withCode = (code: unknown, message = 'postgres://orders:hunter2@db:5432 refused') =>
  Object.assign(new Error(message), { code });

describe('reasonOf', () => {
  test('is the message of a ServiceError', () => {
    expect(reasonOf(new ServiceError('unavailable', 'Cannot reach the database at db:5432'))).toBe(
      'Cannot reach the database at db:5432',
    );
  });

  test('says nothing of the cause of a ServiceError', () => {
    const error = new ServiceError('unavailable', 'Cannot reach the database', { cause: withCode('ECONNREFUSED') });
    expect(reasonOf(error)).toBe('Cannot reach the database');
  });

  test.each(['ECONNREFUSED', '28P01', 'ERR_TLS_CERT_ALTNAME_INVALID'])('is the code %s of any other error', (code) => {
    expect(reasonOf(withCode(code))).toBe(code);
  });

  test('is the code of what led to an error', () => {
    const fetchFailed = new TypeError('fetch failed', { cause: new Error('inner', { cause: withCode('ENOTFOUND') }) });
    expect(reasonOf(fetchFailed)).toBe('ENOTFOUND');
  });

  test('is the name of an error without a code, never its message', () => {
    expect(reasonOf(new TypeError('password hunter2 is wrong'))).toBe('TypeError');
    expect(reasonOf(new DOMException('hunter2', 'AbortError'))).toBe('AbortError');
  });

  test.each(['hunter2 is wrong', 'secret-password', '', 'a'.repeat(100).toUpperCase(), 42, null])(
    'takes %o for no code',
    (code) => {
      expect(reasonOf(withCode(code))).toBe('Error');
    },
  );

  test.each(['hunter2', 5, null, undefined, { message: 'hunter2', code: 'X' }])(
    'says of %o only that it is no error',
    (thrown) => {
      expect(reasonOf(thrown)).toBe('an unknown error');
    },
  );

  test('does not repeat a name that is no name', () => {
    expect(reasonOf(Object.assign(new Error('x'), { name: 'hunter2 is wrong' }))).toBe('an unknown error');
  });

  test('ends, also where causes lead in a circle', () => {
    const error = new Error('x');
    error.cause = error;
    expect(reasonOf(error)).toBe('Error');
  });

  test('is at most 300 characters long', () => {
    expect(reasonOf(new ServiceError('internal', 'x'.repeat(1_000)))).toBe(`${'x'.repeat(299)}…`);
  });
});
