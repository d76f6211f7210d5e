import { orderStatus } from '@org/example-service-contract';
import { expect, test } from 'vitest';
import { canBecome } from './order-status.ts';

const allowed = ['placed paid', 'placed cancelled', 'paid shipped', 'paid cancelled', 'shipped delivered'];
const steps = orderStatus.options.flatMap((from) => orderStatus.options.map((to) => ({ from, to })));

test.each(steps)('from $from to $to is a step if the table says so', ({ from, to }) => {
  expect(canBecome(from, to)).toBe(allowed.includes(`${from} ${to}`));
});
