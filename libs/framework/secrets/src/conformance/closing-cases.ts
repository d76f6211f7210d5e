import { equal, rejects } from 'node:assert/strict';
import type { Cases } from './conformance.ts';

/** What is left when a store is closed. */
export const closingCases: Cases = {
  'a closed store leaves the last values, no timers, and takes no questions; closing it again is the same': {
    needs: 'follows',
    async prove({ clock, place, start, value }) {
      await place.put('database', { password: value('one') });
      const { source, text } = await start({ PASSWORD: ['database', 'password'] });
      await Promise.all([source[Symbol.asyncDispose](), source[Symbol.asyncDispose]()]);
      await source[Symbol.asyncDispose]();
      equal(text('PASSWORD').reveal(), value('one'));
      equal(clock.waiting, 0);
      const [reference = ''] = Object.values(place.assign('OTHER', 'elsewhere', 'password'));
      await rejects(source.read(reference, new AbortController()), { reason: 'SECRETS_CLOSED' });
    },
  },
};
