import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

const { signal } = new AbortController();

test('no more than so many works are done at once, and no two of one name', async () => {
  const turns = createTurns(2);
  const atWork = new Set<string>();
  const most = { all: 0, a: 0 };
  const work = (name: string) => async () => {
    expect(atWork.has(name)).toBe(false);
    atWork.add(name);
    most.all = Math.max(most.all, atWork.size);
    await new Promise(setImmediate);
    atWork.delete(name);
    return name;
  };
  const names = ['a', 'a', 'b', 'c', 'a', 'b', 'd'];
  expect(await Promise.all(names.map((name) => turns.take(name, signal, work(name))))).toEqual(names);
  expect(most.all).toBe(2);
});

test('what hangs holds up its own name, and takes one turn of all', async () => {
  const turns = createTurns(2);
  void turns.take('hung', signal, () => new Promise(() => {}));
  const controller = new AbortController();
  const waiting = turns.take('hung', controller.signal, async () => 'never');
  expect(await turns.take('other', signal, async () => 'done')).toBe('done');
  controller.abort(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
});

test('what fails gives its turn back', async () => {
  const turns = createTurns(1);
  await expect(turns.take('a', signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await turns.take('a', signal, async () => 'done')).toBe('done');
});
