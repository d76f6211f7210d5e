import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { defineOperation } from '@org/contract';
import * as z from 'zod';
import { expect, test } from 'vitest';
import { serve } from '../test-fixtures/serve.ts';
import { implement } from './index.ts';

/** Whether V8 keeps an object's fields in places that it knows, and not in a dictionary. */
function hasFastProperties(thing: object): boolean {
  setFlagsFromString('--allow-natives-syntax');
  const ask = runInThisContext('(thing) => %HasFastProperties(thing)') as (thing: object) => boolean;
  return ask(thing);
}

test('requests and responses are no dictionaries, which would make each of them twice as dear', async () => {
  const look = defineOperation({
    id: 'look',
    method: 'GET',
    path: '/look',
    summary: 'Look',
    success: { status: 200, description: 'Both', body: z.array(z.boolean()) },
  });
  const lookAt = (response: object, request: object) => [request, response].map(hasFastProperties);
  await using server = await serve([
    implement(look, (_, { request }) => lookAt(Reflect.get(request.socket, '_httpMessage') as object, request)),
  ]);
  expect(await (await fetch(`${server.url}/look`)).json()).toEqual([true, true]);
});
