import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { currentCall, remainingMs } from '@org/context';
import { ServiceError } from '@org/errors';
import { answer, type Answer } from '../answer.ts';
import { respond, type RespondOptions } from '../respond.ts';
import type { Cases } from './conformance.ts';
import { createGate, failure, numbers } from './gate.ts';
import type { Opened, World } from './world.ts';

const responding = async (world: World, broker: Opened, answers: readonly Answer[], options: RespondOptions = {}) =>
  world.use(await respond(broker, answers, options, world.runtime));

/** What whoever asks can rely on. */
export const queryCases: Cases = {
  'a query is answered by another service': async (world) => {
    const ask = world.query();
    const [asker, responder] = [await world.broker([]), await world.broker([ask])];
    await responding(world, responder, [answer(ask, ({ number }) => ({ doubled: number * 2 }))]);
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
    const [asker, responder] = [await world.broker([]), await world.broker([ask])];
    const left: (number | undefined)[] = [];
    const gate = createGate();
    const slow = answer(ask, async () => {
      left.push(remainingMs(currentCall()));
      await gate.opened;
      return { doubled: 0 };
    });
    await responding(world, responder, [slow]);
    const timeoutMs = world.delayMs * 10;
    await failure(asker.request(ask, { number: 1 }, { timeoutMs }), 'deadline_exceeded');
    // Whoever answers knew how much time there was.
    ok(left[0]! > 0 && left[0]! <= timeoutMs, String(left[0]));
    gate.open();
  },

  'whoever asks and goes does not wait': async (world) => {
    const ask = world.query();
    const [asker, responder] = [await world.broker([]), await world.broker([ask])];
    const [started, gate] = [createGate(), createGate()];
    const slow = answer(ask, async () => {
      started.open();
      await gate.opened;
      return { doubled: 0 };
    });
    await responding(world, responder, [slow]);
    const gone = new AbortController();
    const asking = asker.request(ask, { number: 1 }, { signal: gone.signal });
    asking.catch(() => {});
    await started.opened;
    gone.abort(new Error('the asker is gone'));
    const thrown: unknown = await asking.catch((error: unknown) => error);
    equal((thrown as Error).message, 'the asker is gone');
    gate.open();
  },

  'what the responder throws reaches the asker with its code, and no more than the asker may see': async (world) => {
    const ask = world.query();
    const [asker, responder] = [await world.broker([]), await world.broker([ask])];
    const failing = answer(ask, ({ number }) => {
      if (number === 1) {
        throw new ServiceError('not_found', 'No such thing', { reason: 'THING_UNKNOWN', details: { thing: 1 } });
      }
      throw new Error('the password is hunter2');
    });
    await responding(world, responder, [failing]);
    const unknown = await failure(asker.request(ask, { number: 1 }), 'not_found', 'THING_UNKNOWN');
    deepEqual([unknown.message, unknown.details], ['No such thing', { thing: 1 }]);
    const internal = await failure(asker.request(ask, { number: 2 }), 'internal');
    equal(internal.message.includes('hunter2'), false);
  },

  'what does not fit the contract is refused on the side that is wrong': async (world) => {
    const ask = world.query();
    const [asker, responder] = [await world.broker([]), await world.broker([ask])];
    await responding(world, responder, [answer(ask, () => ({ doubled: 'twice' }) as never)]);
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
      const responder = await world.broker([ask]);
      const sharing = answer(ask, async ({ number }) => {
        busy.add(name);
        if (busy.size === 2) both.open();
        await both.opened;
        return { doubled: number * 2 };
      });
      await responding(world, responder, [sharing], { concurrency: 20 });
    }
    const answers = await Promise.all(numbers(20).map((number) => asker.request(ask, { number })));
    equal(answers.length, 20);
  },

  'a responder that drains gives the answers that it owes': async (world) => {
    const ask = world.query();
    const [asker, responder] = [await world.broker([]), await world.broker([ask])];
    const [started, gate] = [createGate(), createGate()];
    const slow = answer(ask, async ({ number }) => {
      started.open();
      await gate.opened;
      return { doubled: number * 2 };
    });
    const responders = await responding(world, responder, [slow]);
    const asking = asker.request(ask, { number: 4 });
    asking.catch(() => {});
    await started.opened;
    const draining = responders.drain(AbortSignal.timeout(5_000));
    gate.open();
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
    const refused = async (answers: readonly Answer[]) => {
      const thrown: unknown = await respond(broker, answers, {}, world.runtime).catch((error: unknown) => error);
      equal(thrown instanceof TypeError, true);
    };
    await refused([]);
    await refused([answer(ask, () => ({ doubled: 1 })), answer(other, () => ({ doubled: 1 }))]);
    await refused([answer(ask, () => ({ doubled: 1 })), answer(ask, () => ({ doubled: 1 }))]);
  },
};
