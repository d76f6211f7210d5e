import { readSettings } from '@org/config';
import { describe, expect, test } from 'vitest';
import { clientSettings } from './index.ts';

const read = (environment: Record<string, string>, options: { url?: string; prefix?: string } = {}) =>
  readSettings(
    { orders: clientSettings({ name: 'order-service', ...options }) },
    { environment, service: 'shop', schemes: [] },
  ).settings.orders;

describe('the settings of a client', () => {
  test('are named after the service', () => {
    const environment = { ORDER_SERVICE_URL: 'http://orders:3000', ORDER_SERVICE_TIMEOUT: '250ms' };
    expect(read(environment)).toEqual({ url: 'http://orders:3000', timeoutMs: 250 });
  });

  test('may be named otherwise, and have a place in development', () => {
    expect(read({}, { url: 'http://localhost:3000', prefix: 'ORDERS' })).toEqual({
      url: 'http://localhost:3000',
      timeoutMs: 10_000,
    });
  });

  test.each([
    ['no URL', {}],
    ['a URL with a password', { ORDER_SERVICE_URL: 'http://user:hunter2@orders' }],
    ['another protocol', { ORDER_SERVICE_URL: 'amqp://orders' }],
    ['no time at all', { ORDER_SERVICE_URL: 'http://orders', ORDER_SERVICE_TIMEOUT: '0ms' }],
  ])('are refused with %s', (_, environment) => {
    expect(() => read(environment as Record<string, string>)).toThrow('ORDER_SERVICE_');
    expect(() => read(environment as Record<string, string>)).not.toThrow('hunter2');
  });

  test('must say in production where the service is', () => {
    expect(() => read({ NODE_ENV: 'production' }, { url: 'http://localhost:3000' })).toThrow('ORDER_SERVICE_URL');
  });

  test('tell manifests what the service connects to', () => {
    expect(clientSettings({ name: 'orders' }).connections).toEqual([
      { kind: 'service', variable: 'ORDERS_URL', ports: { 'http:': 80, 'https:': 443 } },
    ]);
  });
});
