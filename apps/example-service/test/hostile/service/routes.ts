import { implement } from '@org/api-rest';
import type { ServerSentEvent, StreamContent } from '@org/contract';
import { ServiceError } from '@org/errors';
import { setTimeout as delay } from 'node:timers/promises';
import { answered } from './answered.ts';
import { answers, counts, echo, gives, happens, once, streams, throws, uploads, waits } from './contract.ts';
import { given } from './given.ts';
import { happened, streamed } from './streamed.ts';
import { thrown, unreadables } from './thrown.ts';
import { uploaded } from './uploaded.ts';
import { waited } from './waited.ts';

/** The routes of a service whose handlers do all that handlers should not. */
export function hostileRoutes() {
  const waiting = { began: 0, ended: 0 };
  const worked: Record<string, number> = {};

  return [
    implement(throws, ({ params }) => {
      throw named({ ...thrown, ...unreadables }, params.what)();
    }),
    implement(gives, ({ params }) => named(given, params.what)()),
    implement(answers, ({ params }, { request }) => named(answered, params.how)(request.res!)),
    implement(waits, async ({ params }, { signal }) => {
      waiting.began += 1;
      try {
        return await named(waited, params.how)(signal);
      } finally {
        waiting.ended += 1;
      }
    }),
    implement(echo, ({ body }) => ({ body })),
    implement(once, async ({ body: { name, how } }) => {
      await delay(30);
      if (how === 'fails') throw new ServiceError('unavailable', 'It fails', { reason: 'ODD' });
      if (how === 'breaks') throw new TypeError('It breaks');
      worked[name] = (worked[name] ?? 0) + 1;
      return { worked: worked[name] };
    }),
    implement(streams, ({ params }) => named(streamed, params.what)() as StreamContent),
    implement(happens, ({ params }) => named(happened, params.what)() as AsyncIterable<ServerSentEvent>),
    implement(uploads, async ({ params, body }, { signal }) => {
      waiting.began += 1;
      try {
        return await named(uploaded, params.how)(body.stream, signal);
      } finally {
        waiting.ended += 1;
      }
    }),
    implement(counts, () => ({ waiting, worked })),
  ];
}

function named<Value>(values: Readonly<Record<string, Value>>, name: string): Value {
  if (Object.hasOwn(values, name)) return values[name]!;
  throw new ServiceError('not_found', `There is no \`${name}\` here`, { reason: 'ODD' });
}
