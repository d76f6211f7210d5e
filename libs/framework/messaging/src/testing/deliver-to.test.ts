import { defineCommand, defineEvent } from '@org/contract';
import { ServiceError } from '@org/errors';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { handle } from '../index.ts';
import { deliverTo } from './index.ts';

const data = z.object({ id: z.string() });
const placedV1 = defineEvent({ type: 'orders.order.placed.v1', summary: 'Placed', data });
const upcast = { from: placedV1, map: ({ id }: { id: string }) => ({ id: `${id}, upcast` }) };
const placed = defineEvent({ type: 'orders.order.placed.v2', summary: 'Placed', data, upcast });
const ship = defineCommand({ type: 'orders.order.ship.v1', summary: 'Ship', data });

test('handlers get what is delivered, older majors upcast', async () => {
  const seen: string[] = [];
  const see = ({ data: { id }, attempt }: { data: { id: string }; attempt: number }) =>
    void seen.push(`${id} ${attempt}`);
  const { deliver } = await deliverTo([handle(placed, see), handle(ship, see)]);
  expect(await deliver(placed, { id: 'a' })).toEqual({ kind: 'acknowledge' });
  await deliver(placedV1, { id: 'b' }, { attempt: 3 });
  await deliver(ship, { id: 'c' });
  expect(seen).toEqual(['a 1', 'b, upcast 3', 'c 1']);
});

test('what a handler throws decides what becomes of the message', async () => {
  const { deliver } = await deliverTo([
    handle(placed, ({ data: { id } }) => {
      throw new ServiceError(id === 'gone' ? 'not_found' : 'unavailable', 'No');
    }),
  ]);
  expect(await deliver(placed, { id: 'gone' })).toMatchObject({ kind: 'dead-letter', failure: { code: 'not_found' } });
  expect(await deliver(placed, { id: 'away' })).toMatchObject({ kind: 'retry' });
  expect(await deliver(placed, { id: 'away' }, { attempt: 5 })).toMatchObject({ kind: 'dead-letter' });
});

test('what does not fit its schema is refused, and so is what nobody handles', async () => {
  const { deliver } = await deliverTo([handle(placed, () => expect.unreachable())]);
  await expect(deliver(placed, { id: 1 } as never)).rejects.toMatchObject({ reason: 'PAYLOAD_SCHEMA_MISMATCH' });
  await expect(deliver(ship, { id: 'a' })).rejects.toThrow('a handler of `orders.order.ship.v1`');
});
