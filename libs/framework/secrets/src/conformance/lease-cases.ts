import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { Cases } from './conformance.ts';
import type { LeasedSecret } from './place.ts';
import type { Started, World } from './world.ts';

const needs = 'leases';

async function startLeased(world: World): Promise<{ leased: LeasedSecret; started: Started }> {
  const leased = await world.place.leased!('database');
  return { leased, started: await world.start({ CREDENTIALS: ['database'] }) };
}

/** Goes through so much time in small steps, and looks at each whether the credentials in force are taken. */
async function pass({ clock }: World, ms: number, look: () => Promise<void>) {
  const step = Math.ceil(ms / 200);
  for (let gone = 0; gone < ms; gone += step) {
    await clock.advance(step);
    await look();
  }
}

/** Values that hold for a term. */
export const leaseCases: Cases = {
  'credentials with a lease are taken for longer than one term': {
    needs,
    async prove(world) {
      const { leased, started } = await startLeased(world);
      const pair = started.pair('CREDENTIALS');
      const until = world.clock.now() + leased.termMs * 3;
      while (world.clock.now() < until) {
        await world.waitFor(() => leased.accepts(pair.reveal().username), 'credentials that are taken');
        await world.clock.advance(leased.termMs / 100);
      }
    },
  },

  'credentials that cannot be renewed are replaced while the old ones are still taken': {
    needs,
    async prove(world) {
      const { leased, started } = await startLeased(world);
      await leased.refuseRenewals();
      const pair = started.pair('CREDENTIALS');
      const old = pair.reveal().username;
      const seen: string[] = [];
      pair.onChange(({ username }) => void seen.push(username));
      await world.waitFor(() => seen.length > 0, 'other credentials', { stepMs: leased.termMs / 100 });
      equal(await leased.accepts(old), true);
      equal(await leased.accepts(pair.reveal().username), true);
    },
  },

  'a lease that ends during an outage is told of, and replaced after it': {
    needs,
    async prove(world) {
      const { leased, started } = await startLeased(world);
      const pair = started.pair('CREDENTIALS');
      const old = pair.reveal();
      await world.place.cut!();
      await pass(world, leased.termMs * 2, async () => deepEqual(pair.reveal(), old));
      await world.waitFor(
        () => world.errors().some((message) => /lease .* has ended/.test(message)),
        'the end of the lease',
      );
      await rejects(started.source.check(new AbortController().signal), { reason: 'SECRETS_STALE' });
      await world.place.mend!();
      await world.waitFor(() => leased.accepts(pair.reveal().username), 'credentials that are taken');
    },
  },

  'leases are given back when the store is closed': {
    needs,
    async prove(world) {
      const { leased, started } = await startLeased(world);
      ok((await leased.running()) > 0);
      await started.source[Symbol.asyncDispose]();
      equal(await leased.running(), 0);
    },
  },
};
