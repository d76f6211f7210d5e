import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { currentCall, remainingMs } from '@org/context';
import { ServiceError } from '@org/errors';
import { answer, type Answer } from '../answer.ts';
import { respond, type RespondOptions } from '../respond.ts';
import type { Cases } from './conformance.ts';
import { createGate, failure, numbers } from './gate.ts';
import type { Query, World } from './world.ts';

type Answering = Parameters<typeof answer<Query>>[1];

/** Has a service of its own answer the query. */
async function responding(world: World, query: Query, answering: Answering, options: RespondOptions = {}) {
  const responder = await world.broker([query]);
  return world.use(await respond(responder, [answer(query, answering)], options, world.runtime));
}

/** What whoever asks can rely on. */
export const queryCases: Cases = {
  'a query is answered by another service': async (world) => {
    const ask = world.query();
    const asker = await world.broker([]);
    await responding(world, ask, ({ number }) => ({ doubled: number * 2 }));
    deepEqual(await asker.request(ask, { number: 21 }), { doubled: 42 });
    const answers = await Promise.all(numbers(50).map((number) => asker.request(ask, { number })));
    deepEqual(
      answers.map(({ doubled }) => doubled),
      numbers(50).map((number) => number * 2),
    );
  },

  'a query that nobody answers is unavailable at once': async (world) => {
    const asker = await world.broker([]);
    const startedAt = performance.now();
    await failure(asker.request(world.query(), { number: 1 }, { timeoutMs: 8_000 }), 'unavailable', 'NO_RESPONDER');
    ok(performance.now() - startedAt < 4_000);
  },

  'a reply that does not come in time is a deadline that was exceeded': async (world) => {
    const ask = world.query();
    const asker = await world.broker([]);
    const left: (number | undefined)[] = [];
    const work = world.halt();
    await responding(world, ask, async () => {
      left.push(remainingMs(currentCall()));
      await work.halt();
      return { doubled: 0 };
    });
    const timeoutMs = world.delayMs * 10;
    await failure(asker.request(ask, { number: 1 }, { timeoutMs }), 'deadline_exceeded');
    // Whoever answers knew how much time there was.
    ok(left[0]! > 0 && left[0]! <= timeoutMs, String(left[0]));
  },

  'whoever asks and goes does not wait': async (world) => {
    const ask = world.query();
    const asker = await world.broker([]);
    const work = world.halt();
    await responding(world, ask, async () => {
      await work.halt();
      return { doubled: 0 };
    });
    const gone = new AbortController();
    const asking = asker.request(ask, { number: 1 }, { signal: gone.signal });
    asking.catch(() => {});
    await work.halted;
    gone.abort(new Error('the asker is gone'));
    await rejects(asking, { message: 'the asker is gone' });
  },

  'what the responder throws reaches the asker with its code, and no more than the asker may see': async (world) => {
    const ask = world.query();
    const asker = await world.broker([]);
    await responding(world, ask, ({ number }) => {
      if (number === 1) {
        throw new ServiceError('not_found', 'No such thing', { reason: 'THING_UNKNOWN', details: { thing: 1 } });
      }
      throw new Error('the password is hunter2');
    });
    const unknown = await failure(asker.request(ask, { number: 1 }), 'not_found', 'THING_UNKNOWN');
    deepEqual([unknown.message, unknown.details], ['No such thing', { thing: 1 }]);
    const internal = await failure(asker.request(ask, { number: 2 }), 'internal');
    equal(internal.message.includes('hunter2'), false);
  },

  'what does not fit the contract is refused on the side that is wrong': async (world) => {
    const ask = world.query();
    const asker = await world.broker([]);
    await responding(world, ask, () => ({ doubled: 'twice' }) as never);
    const bad = asker.request(ask, { number: 'one' } as never);
    match((await failure(bad, 'invalid_argument', 'PAYLOAD_SCHEMA_MISMATCH')).message, /number/);
    await failure(asker.request(ask, { number: 1 }), 'internal');
  },

  'several responders share the queries': async (world) => {
    const ask = world.query();
    const asker = await world.broker([]);
    const both = createGate();
    const busy = new Set<string>();
    for (const name of ['one', 'two']) {
      const sharing: Answering = async ({ number }) => {
        busy.add(name);
        if (busy.size === 2) both.open();
        await both.opened;
        return { doubled: number * 2 };
      };
      await responding(world, ask, sharing, { concurrency: 20 });
    }
    const answers = await Promise.all(numbers(20).map((number) => asker.request(ask, { number })));
    equal(answers.length, 20);
  },

  'a responder that drains gives the answers that it owes': async (world) => {
    const ask = world.query();
    const asker = await world.broker([]);
    const work = world.halt();
    const responders = await responding(world, ask, async ({ number }) => {
      await work.halt();
      return { doubled: number * 2 };
    });
    const asking = asker.request(ask, { number: 4 });
    asking.catch(() => {});
    await work.halted;
    const draining = responders.drain(AbortSignal.timeout(5_000));
    work.goOn();
    await draining;
    deepEqual(await asking, { doubled: 8 });
    await world.waitFor(
      async () =>
        (await asker.request(ask, { number: 1 }, { timeoutMs: 500 }).catch((error: unknown) => error)) instanceof Error,
      'nobody answering',
    );
  },

  'answers and contract have to fit together': async (world) => {
    const [ask, other] = [world.query(), world.query('other')];
    const broker = await world.broker([ask]);
    const one = () => ({ doubled: 1 });
    const respondBy = (answers: readonly Answer[]) => respond(broker, answers, {}, world.runtime);
    await rejects(respondBy([]), TypeError);
    await rejects(respondBy([answer(ask, one), answer(other, one)]), TypeError);
    await rejects(respondBy([answer(ask, one), answer(ask, one)]), TypeError);
  },
};
