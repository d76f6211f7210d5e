import { exampleOrder } from '@org/example-service-contract';
import { collectLogger } from '@org/testing';
import { describe, expect, test } from 'vitest';
import type { OrderDraft } from './models/order.ts';
import { createOrderRepository, openOrderRepository } from './order-repository.ts';

const { number: _, ...draft } = exampleOrder;
const drafts = (count: number): OrderDraft[] =>
  Array.from({ length: count }, (_, index) => ({ ...draft, id: `${index}` }));

async function filled(count: number) {
  const repository = createOrderRepository();
  for (const each of drafts(count)) await repository.add(each);
  return repository;
}

describe('the repository of orders', () => {
  test('lists by number, after a number, up to a limit', async () => {
    const repository = await filled(5);
    const numbers = async (selection: { after?: number; limit: number }) =>
      (await repository.list(selection)).map(({ number }) => number);
    await expect(numbers({ limit: 10 })).resolves.toEqual([1, 2, 3, 4, 5]);
    await expect(numbers({ limit: 2 })).resolves.toEqual([1, 2]);
    await expect(numbers({ after: 2, limit: 2 })).resolves.toEqual([3, 4]);
    await expect(numbers({ after: 5, limit: 2 })).resolves.toEqual([]);
  });

  test('keeps the place of an order that changes, and lists by status', async () => {
    const repository = await filled(3);
    await repository.changeStatus('1', 'placed', 'paid');
    const numbers = (await repository.list({ limit: 10 })).map(({ number }) => number);
    expect(numbers).toEqual([1, 2, 3]);
    await expect(repository.list({ status: 'paid', limit: 10 })).resolves.toMatchObject([{ id: '1', number: 2 }]);
  });

  test('changes a status only from the one that is expected', async () => {
    const repository = await filled(1);
    await expect(repository.changeStatus('0', 'paid', 'shipped')).resolves.toBeUndefined();
    await expect(repository.changeStatus('none', 'placed', 'paid')).resolves.toBeUndefined();
    await expect(repository.find('0')).resolves.toMatchObject({ status: 'placed' });
  });

  test('refuses what is more than the memory may hold', async () => {
    const repository = createOrderRepository({ maximum: 1 });
    const [first, second] = drafts(2) as [OrderDraft, OrderDraft];
    await repository.add(first);
    await expect(repository.add(second)).rejects.toMatchObject({ code: 'resource_exhausted', reason: 'ORDERS_FULL' });
  });

  test('gives orders that nobody can change from outside', async () => {
    const repository = await filled(1);
    const order = await repository.find('0');
    expect(() => Object.assign(order!, { status: 'paid' })).toThrow(TypeError);
  });

  test('opens as a datastore that is checked, and says that nothing outlives the process', async () => {
    const logger = collectLogger();
    await using repository = openOrderRepository({ url: 'pglite:memory' }, { logger });
    expect(repository.kind).toBe('datastore');
    await repository.check?.(AbortSignal.timeout(1_000));
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { url: 'pglite:memory' } }]);
  });
});
