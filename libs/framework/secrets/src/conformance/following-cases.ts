import { deepEqual, equal, match, notEqual, rejects } from 'node:assert/strict';
import type { Secret } from '@org/config';
import type { Cases } from './conformance.ts';

const needs = 'follows';
/** What is due after minutes is seen sooner. */
const hasty = { stepMs: 10_000 };

/** What becomes of a secret that changes. */
export const followingCases: Cases = {
  'a change reaches whoever has the secret, all keys at once': {
    needs,
    async prove({ place, start, value, waitFor }) {
      const pairOf = (number: number) => ({ username: value(`user-${number}`), password: value(`password-${number}`) });
      await place.put('database', pairOf(1));
      const started = await start({
        PAIR: ['database'],
        USER: ['database', 'username'],
        PASSWORD: ['database', 'password'],
      });
      const [pair, user, password] = [started.pair('PAIR'), started.text('USER'), started.text('PASSWORD')];
      const seen: unknown[] = [];
      const note = () => seen.push([pair.reveal().username, pair.reveal().password, user.reveal(), password.reveal()]);
      for (const each of [pair, user, password] as Secret<unknown>[]) each.onChange(note);
      const all = (number: number) => {
        const { username, password } = pairOf(number);
        return [username, password, username, password];
      };
      for (const number of [2, 3]) {
        await place.put('database', pairOf(number));
        await waitFor(() => seen.length === (number - 1) * 3, 'all three to be told', hasty);
        deepEqual(seen.slice(-3), [all(number), all(number), all(number)]);
      }
    },
  },

  'what is written again as it was tells nobody': {
    needs,
    async prove({ place, start, value, waitFor }) {
      await place.put('database', { password: value('one') });
      const password = (await start({ PASSWORD: ['database', 'password'] })).text('PASSWORD');
      const told: string[] = [];
      password.onChange((text) => void told.push(text));
      await place.put('database', { password: value('one') });
      for (let look = 0; look < 40; look += 1) await waitFor(() => true, 'ten seconds', hasty);
      await place.put('database', { password: value('two') });
      await waitFor(() => told.length > 0, 'the change', hasty);
      deepEqual(told, [value('two')]);
    },
  },

  'of changes in a row the last one holds': {
    needs,
    async prove({ place, start, value, waitFor }) {
      await place.put('database', { password: value('0') });
      const password = (await start({ PASSWORD: ['database', 'password'] })).text('PASSWORD');
      for (let number = 1; number <= 10; number += 1) await place.put('database', { password: value(String(number)) });
      await waitFor(() => password.reveal() === value('10'), 'the last change', hasty);
    },
  },

  'a secret that is removed keeps its last value, and says so once until it is back': {
    needs,
    async prove({ place, start, value, waitFor, errors }) {
      await place.put('database', { password: value('one') });
      await place.put('broker', { password: value('other') });
      const started = await start({ PASSWORD: ['database', 'password'], OTHER: ['broker', 'password'] });
      const password = started.text('PASSWORD');
      const { signal } = new AbortController();
      await started.source.check(signal);
      await place.remove('database');
      await waitFor(() => errors().length > 0, 'the error', hasty);
      await rejects(started.source.check(signal), { reason: 'SECRETS_STALE' });
      for (let look = 0; look < 30; look += 1) await waitFor(() => true, 'ten seconds', hasty);
      equal(password.reveal(), value('one'));
      deepEqual(errors().length, 1);
      match(errors()[0]!, /Cannot read .*The last value stays in force/);
      await place.put('database', { password: value('two') });
      await waitFor(() => password.reveal() === value('two'), 'the secret to be back', hasty);
      await waitFor(() => started.source.check(signal).then(() => true), 'the check', hasty);
    },
  },

  'a generation without a key that is in use is refused as a whole': {
    needs,
    async prove({ place, start, value, waitFor, errors }) {
      await place.put('tls', { certificate: value('c1'), key: value('k1') });
      const started = await start({ CERTIFICATE: ['tls', 'certificate'], KEY: ['tls', 'key'] });
      const halves: Record<string, string>[] = [{ certificate: value('c2') }, { certificate: value('c2'), key: '' }];
      for (const broken of halves) {
        const before = errors().length;
        await place.put('tls', broken);
        await waitFor(() => errors().length > before, 'the error', hasty);
        equal(started.text('CERTIFICATE').reveal(), value('c1'));
        equal(started.text('KEY').reveal(), value('k1'));
      }
      await place.put('tls', { certificate: value('c3'), key: value('k3') });
      await waitFor(() => started.text('KEY').reveal() === value('k3'), 'the whole generation', hasty);
      equal(started.text('CERTIFICATE').reveal(), value('c3'));
    },
  },

  'watching gives the secret and each change, until it is told to end': {
    needs,
    async prove({ place, start, value, waitFor }) {
      await place.put('database', { password: value('one') });
      const { source } = await start({ PASSWORD: ['database', 'password'] });
      const [reference = ''] = Object.values(place.assign('PASSWORD', 'database', 'password'));
      const end = new AbortController();
      const seen: unknown[] = [];
      const watching = (async () => {
        for await (const secret of source.watch(reference, { signal: end.signal })) seen.push(secret.reveal());
      })();
      await waitFor(() => seen.length === 1, 'the value', hasty);
      await place.put('database', { password: value('two') });
      await waitFor(() => seen.length === 2, 'the change', hasty);
      end.abort();
      await watching;
      deepEqual(seen, [value('one'), value('two')]);
    },
  },

  'versions tell one generation from another': {
    needs: 'versions',
    async prove({ place, start, value, waitFor }) {
      await place.put('database', { password: value('one') });
      const { source } = await start({ PASSWORD: ['database', 'password'] });
      const [reference = ''] = Object.values(place.assign('PASSWORD', 'database', 'password'));
      const secret = await source.read(reference, new AbortController());
      const first = secret.version;
      equal(typeof first, 'string');
      await place.put('database', { password: value('two') });
      await waitFor(() => secret.reveal() === value('two'), 'the change', hasty);
      notEqual(secret.version, first);
    },
  },
};
