import { equal, match, ok, rejects } from 'node:assert/strict';
import type { Cases } from './conformance.ts';
import type { World } from './world.ts';

/** What is due after minutes is seen sooner. */
const hasty = { stepMs: 10_000 };

/** A service that has its secret, while something goes wrong for longer than an hour; and how it is after that. */
async function goThrough(world: World, wrong: () => Promise<void>, right: () => Promise<void>, code: RegExp) {
  const { clock, errors, place, start, value, waitFor } = world;
  await place.put('database', { password: value('one') });
  const { source, text } = await start({ PASSWORD: ['database', 'password'] });
  const { signal } = new AbortController();
  await source.check(signal);
  await wrong();
  const endsAt = clock.now() + 3_600_000;
  await waitFor(async () => {
    await clock.advance(60_000);
    return clock.now() > endsAt && errors().length > 0;
  }, 'an hour to go by, and the error');
  equal(text('PASSWORD').reveal(), value('one'));
  await rejects(source.check(signal), ({ message }: Error) => code.test(message));
  equal(errors().length, 1);
  await right();
  await place.put('database', { password: value('two') });
  await waitFor(() => text('PASSWORD').reveal() === value('two'), 'the value after it', hasty);
  await waitFor(() => source.check(signal).then(() => true), 'the check', hasty);
  ok(world.logger.lines.some(({ level, message }) => level === 'info' && /is read again, after \d+ s/.test(message)));
}

/** What happens when the store does not do its work. */
export const faultCases: Cases = {
  'a store that is away at the start is waited for': {
    needs: 'outages',
    async prove({ place, start, value, waitFor, logger }) {
      await place.put('database', { password: value('one') });
      await place.cut!();
      const starting = start({ PASSWORD: ['database', 'password'] });
      await waitFor(() => logger.lines.some(({ level }) => level === 'warn'), 'the warning', { stepMs: 0 });
      await place.mend!();
      const started = await waitFor(() => Promise.race([starting, Promise.resolve(undefined)]), 'the start');
      equal(started.text('PASSWORD').reveal(), value('one'));
    },
  },

  'a store that stays away ends the start with an error that says why': {
    needs: 'outages',
    async prove({ place, failedStart, value, waitFor }) {
      await place.put('database', { password: value('one') });
      await place.cut!();
      const failing = failedStart({ PASSWORD: ['database', 'password'] });
      const error = await waitFor(() => Promise.race([failing, Promise.resolve(undefined)]), 'the start to fail');
      match(error.message, /PASSWORD \(from .+\): could not be had \((unavailable|deadline_exceeded)\): Cannot /);
    },
  },

  'a start that is told to end says why a store has not answered': {
    needs: 'outages',
    async prove({ place, failedStart, value, waitFor, logger }) {
      await place.put('database', { password: value('one') });
      await place.cut!();
      const controller = new AbortController();
      const failing = failedStart({ PASSWORD: ['database', 'password'] }, { signal: controller.signal });
      await waitFor(() => logger.lines.some(({ level }) => level === 'warn'), 'the warning', { stepMs: 0 });
      controller.abort(new DOMException('over', 'TimeoutError'));
      match((await failing).message, /could not be had \((unavailable|deadline_exceeded)\): Cannot /);
    },
  },

  'through an outage of an hour the last value is served, loudly': {
    needs: 'outages',
    async prove(world) {
      const { place } = world;
      await goThrough(
        world,
        () => place.cut!(),
        () => place.mend!(),
        /unavailable|deadline_exceeded/,
      );
    },
  },

  'a permission that is lost leaves the last value, and says that it is lost': {
    needs: 'permissions',
    async prove(world) {
      const { place } = world;
      await goThrough(
        world,
        () => place.deny!('database'),
        () => place.allow!('database'),
        /permission_denied/,
      );
    },
  },

  'a secret that the service may not read is an error of its own': {
    needs: 'permissions',
    async prove({ place, failedStart, value }) {
      await place.put('database', { password: value('one') });
      await place.deny!('database');
      const error = await failedStart({ PASSWORD: ['database', 'password'] });
      equal(error.code, 'permission_denied');
      match(error.message, /PASSWORD \(from .+\): could not be had \(permission_denied\): Cannot read/);
    },
  },
};
