import { deepEqual, equal, rejects } from 'node:assert/strict';
import type { Inbox } from '../inbox.ts';
import type { ConformanceCase } from './conformance.ts';
import { createGate } from './gate.ts';

type InboxCases = Readonly<Record<string, (inbox: Inbox, consumer: string) => Promise<void>>>;

const nothing = async () => {};
const fails = async () => Promise.reject(new Error('it fails'));

const cases: InboxCases = {
  'work is done once for each consumer and id': async (inbox, consumer) => {
    const other = `${consumer}/other`;
    let count = 0;
    const work = async () => void (count += 1);
    equal(await inbox.run(consumer, '1', work), 'done');
    equal(await inbox.run(consumer, '1', work), 'duplicate');
    equal(await inbox.run(other, '1', work), 'done');
    equal(await inbox.run(consumer, '2', work), 'done');
    equal(count, 3);
  },
  'work that fails marks nothing': async (inbox, consumer) => {
    await rejects(inbox.run(consumer, '1', fails), /it fails/);
    equal(await inbox.run(consumer, '1', nothing), 'done');
  },
  'the same work at the same time waits for the first': async (inbox, consumer) => {
    const [begun, gate] = [createGate(), createGate()];
    let count = 0;
    const work = async () => {
      count += 1;
      begun.open();
      await gate.opened;
    };
    const first = inbox.run(consumer, '1', work);
    await begun.opened;
    const others = [inbox.run(consumer, '1', work), inbox.run(consumer, '1', work)];
    gate.open();
    deepEqual([await first, ...(await Promise.all(others))], ['done', 'duplicate', 'duplicate']);
    equal(count, 1);
  },
  'the same work at the same time is done if the first fails': async (inbox, consumer) => {
    const [begun, gate] = [createGate(), createGate()];
    const first = rejects(
      inbox.run(consumer, '1', async () => {
        begun.open();
        await gate.opened;
        await fails();
      }),
      /it fails/,
    );
    await begun.opened;
    const others = [inbox.run(consumer, '1', nothing), inbox.run(consumer, '1', nothing)];
    gate.open();
    await first;
    deepEqual((await Promise.all(others)).sort(), ['done', 'duplicate']);
  },
};

/** What every inbox promises. Each case has a consumer of its own. */
export function inboxConformance(open: () => Inbox): ConformanceCase[] {
  return Object.entries(cases).map(([name, prove]) => ({
    name,
    run: () => prove(open(), `tests/${crypto.randomUUID()}`),
  }));
}
