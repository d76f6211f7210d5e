import type { Check, CheckKind } from '@org/health';
import { expect, expectTypeOf, test } from 'vitest';
import type { OpsHandler } from './ops.ts';
import type { Resource, ResourceKind } from './resource.ts';
import type { Runtime } from './runtime.ts';

test('a plain object that can be closed is a resource', async () => {
  const closed: string[] = [];
  const pool = { query: () => 1, [Symbol.asyncDispose]: async () => void closed.push('pool') };
  expectTypeOf(pool).toExtend<Resource>();
  {
    await using resource: Resource = pool;
    expect(resource.critical).toBeUndefined();
  }
  expect(closed).toEqual(['pool']);
});

test('a plain object can have all that a resource may have', () => {
  const database = {
    kind: 'datastore' as const,
    critical: false,
    check: async (signal: AbortSignal) => signal.throwIfAborted(),
    drain: async () => undefined,
    ops: [
      {
        method: 'GET' as const,
        path: '/dead-letters/:id',
        summary: 'Shows a dead letter.',
        handle: ({ parameters }: { parameters: Readonly<Record<string, string>> }) => ({ body: parameters.id }),
      },
    ],
    links: { API: 'http://localhost:3000' },
    [Symbol.asyncDispose]: async () => undefined,
  };
  expectTypeOf(database).toExtend<Resource>();
  expectTypeOf(database.ops).toExtend<readonly OpsHandler[]>();
});

test('what cannot be closed, or is of no kind that readiness knows, is no resource', () => {
  expectTypeOf<{ check(): Promise<void> }>().not.toExtend<Resource>();
  expectTypeOf<{ [Symbol.dispose](): void }>().not.toExtend<Resource>();
  expectTypeOf<{ kind: 'printer'; [Symbol.asyncDispose](): Promise<void> }>().not.toExtend<Resource>();
});

test('the check of a resource is one that health can run', () => {
  expectTypeOf<ResourceKind>().toEqualTypeOf<CheckKind>();
  expectTypeOf<Required<Resource> & { name: string }>().toExtend<Check>();
});

test('a runtime of a known contract is one of any', () => {
  expectTypeOf<Runtime<{ name: 'orders' }>>().toExtend<Runtime>();
  expectTypeOf<Runtime>().not.toExtend<Runtime<{ name: 'orders' }>>();
  expectTypeOf<Runtime['health']>().not.toHaveProperty('add');
});
