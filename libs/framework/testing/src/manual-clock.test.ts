import { expect, test } from 'vitest';
import { createManualClock } from './manual-clock.ts';

test('stands still, and does what is due in its order when it is moved on', async () => {
  const clock = createManualClock({ startAt: new Date(0) });
  const done: string[] = [];
  clock.after(200, () => done.push(`second at ${clock.now()}`));
  clock.after(100, () => done.push(`first at ${clock.now()}`));
  clock.after(100, () => done.push('never'))();
  expect(clock.waiting).toBe(2);
  await clock.advance(150);
  expect([done, clock.now()]).toEqual([['first at 100'], 150]);
  await clock.advance(50);
  expect([done.at(-1), clock.now(), clock.waiting]).toEqual(['second at 200', 200, 0]);
});

test('waits for work that asks for its next timer after a promise', async () => {
  const clock = createManualClock();
  let count = 0;
  const tick = async () => {
    await Promise.resolve();
    count += 1;
    clock.after(10, () => void tick());
  };
  await tick();
  await clock.advance(100);
  expect(count).toBe(11);
});
