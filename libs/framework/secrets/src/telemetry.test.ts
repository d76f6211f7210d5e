import { ServiceError } from '@org/errors';
import { recordTelemetry, type RecordedTelemetry } from '@org/telemetry/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMemory } from '../test-fixtures/open-memory.ts';

let recorded: RecordedTelemetry;
beforeEach(async () => {
  recorded = await recordTelemetry();
});
afterEach(() => recorded[Symbol.asyncDispose]());

const pointsOf = async (name: string) => (await recorded.measure())[name]?.points;

test('reads and renewals are counted with what became of them', async () => {
  await using opened = await openMemory();
  const { clock, memory, read } = opened;
  memory.put('database', 'hunter2', { durationMs: 3_600_000, renewals: 5 });
  await read('memory:database');
  await clock.advance(2_500_000);
  memory.fail(new ServiceError('unavailable', 'Cannot read: nobody answers'));
  await clock.advance(2_500_000);
  const store = { 'secrets.store': 'memory' };
  const points = (await pointsOf('secrets.operation.duration'))!;
  expect(points).toContainEqual({ ...store, 'secrets.operation': 'read', value: 1 });
  expect(points).toContainEqual({ ...store, 'secrets.operation': 'renew', value: 1 });
  expect(points).toContainEqual(expect.objectContaining({ 'secrets.operation': 'renew', 'error.type': 'unavailable' }));
  expect(JSON.stringify(await recorded.measure())).not.toContain('hunter2');
});

test('age, remaining lease and stale secrets are observed', async () => {
  const { clock, memory, read, secrets } = await openMemory();
  memory.put('database', 'hunter2', { durationMs: 600_000 });
  memory.put('orders', { password: 'hunter2' });
  await read('memory:database');
  await read('memory:orders#password');
  await clock.advance(60_000);
  const [database, orders] = ['database', 'orders'].map((path) => ({
    'secrets.store': 'memory',
    'secrets.path': path,
  }));
  expect(await pointsOf('secrets.age')).toEqual([
    { ...database, value: 60 },
    { ...orders, value: 60 },
  ]);
  expect(await pointsOf('secrets.lease.remaining')).toEqual([{ ...database, value: 540 }]);
  expect(await pointsOf('secrets.stale')).toEqual([{ 'secrets.store': 'memory', value: 0 }]);
  memory.remove('orders');
  memory.remove('database');
  await clock.advance(600_000);
  expect(await pointsOf('secrets.stale')).toEqual([{ 'secrets.store': 'memory', value: 2 }]);
  expect(await pointsOf('secrets.lease.remaining')).toEqual([{ ...database, value: 0 }]);
  await secrets[Symbol.asyncDispose]();
});
