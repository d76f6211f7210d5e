import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readLogin, readTarget, showTarget } from './target.ts';

describe('the URL of a server', () => {
  test('says where it is, and who asks', () => {
    expect(readTarget('postgres://orders:p%40ss@db:6432/or%20ders')).toEqual({
      host: 'db',
      port: 6432,
      database: 'or ders',
      tls: false,
    });
    expect(readLogin('postgres://orders:p%40ss@db/x')).toEqual({ username: 'orders', password: 'p@ss' });
    expect(readLogin('postgres://db/x')).toEqual({ username: undefined, password: undefined });
  });

  test.each([
    ['postgresql://db/orders', { host: 'db', port: 5432, database: 'orders' }],
    ['postgres://orders@db', { host: 'db', database: 'orders' }],
    ['postgres://[::1]:1/x', { host: '::1', port: 1 }],
    ['postgres:///orders?host=/run/postgresql', { host: '/run/postgresql', database: 'orders' }],
    ['postgres:///orders', { host: 'localhost' }],
  ])('has defaults for the rest: %s', (url, expected) => {
    expect(readTarget(url)).toMatchObject(expected);
  });

  test('is shown without password and parameters', () => {
    const target = readTarget('postgres://orders:secret@[::1]/orders?sslmode=require');
    expect(showTarget(target, 'orders')).toBe('postgres://orders@[::1]:5432/orders');
    expect(showTarget(target, undefined)).toBe('postgres://[::1]:5432/orders');
  });

  test.each([
    ['disable', false],
    ['require', { rejectUnauthorized: false, checkServerIdentity: expect.any(Function) }],
    ['verify-ca', { rejectUnauthorized: true, checkServerIdentity: expect.any(Function) }],
    ['verify-full', { rejectUnauthorized: true }],
  ])('asks for TLS by sslmode=%s', (mode, tls) => {
    expect(readTarget(`postgres://db/x?sslmode=${mode}`).tls).toEqual(tls);
  });

  test('trusts whom a file names, and then verifies', () => {
    const file = join(import.meta.dirname, '../../package.json');
    expect(readTarget(`postgres://db/x?sslrootcert=${file}`).tls).toMatchObject({
      ca: expect.stringContaining('@org/database'),
      rejectUnauthorized: true,
    });
    expect(readTarget(`postgres://db/x?sslmode=require&sslrootcert=${file}`).tls).toMatchObject({
      rejectUnauthorized: true,
    });
  });

  test.each([
    ['sslmode=prefer', 'invalid_argument', 'not `prefer`'],
    ['sslmod=require', 'invalid_argument', '`sslmod` is not known'],
    [
      'sslrootcert=/nowhere/ca.pem',
      'failed_precondition',
      '/nowhere/ca.pem, which `sslrootcert` of DATABASE_URL names: ENOENT',
    ],
  ])('is refused with %s', (parameter, code, message) => {
    expect(() => readTarget(`postgres://db/x?${parameter}`)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }) as Error,
    );
  });
});
