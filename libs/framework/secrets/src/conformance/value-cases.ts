import { deepEqual, equal, match } from 'node:assert/strict';
import type { Cases } from './conformance.ts';

/** What a service gets at its start. */
export const valueCases: Cases = {
  'a secret is the text that lies there': async ({ place, start, value }) => {
    await place.put('database', { password: value('one'), other: value('two') });
    const started = await start({ PASSWORD: ['database', 'password'], OTHER: ['database', 'other'] });
    equal(started.text('PASSWORD').reveal(), value('one'));
    equal(started.text('OTHER').reveal(), value('two'));
  },

  'a secret without a key is a pair of username and password': async ({ place, start, value }) => {
    await place.put('database', { username: 'orders', password: value('one') });
    const { pair } = await start({ CREDENTIALS: ['database'] });
    deepEqual({ ...pair('CREDENTIALS').reveal() }, { username: 'orders', password: value('one') });
  },

  'a secret may have lines, Unicode, and what references are written with': async ({ place, start, value }) => {
    const odd = `${value('-----BEGIN')}\n#:/%=\\"'$ {} ключ 🔑\n\tend`;
    await place.put('tls', { key: odd });
    equal((await start({ KEY: ['tls', 'key'] })).text('KEY').reveal(), odd);
  },

  'one secret may be in several variables': async ({ place, start, value }) => {
    await place.put('database', { password: value('one') });
    const started = await start({ ONE: ['database', 'password'], TWO: ['database', 'password'] });
    equal(started.text('ONE').reveal(), started.text('TWO').reveal());
  },

  'secrets that cannot be had are told in one error, by variable and why': async ({ place, failedStart, value }) => {
    await place.put('database', { password: value('one'), empty: '' });
    const error = await failedStart({
      FINE: ['database', 'password'],
      GONE: ['nowhere', 'password'],
      KEYLESS: ['database', 'nothing'],
      EMPTY: ['database', 'empty'],
    });
    match(error.message, /3 faults/);
    for (const name of ['GONE', 'KEYLESS', 'EMPTY'])
      match(error.message, new RegExp(`^ *${name} \\(from .+\\): .{15,}`, 'm'));
    equal(/FINE/.test(error.message), false);
  },
};
