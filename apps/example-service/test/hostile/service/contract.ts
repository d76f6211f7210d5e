import { defineContract, defineOperation } from '@org/contract';
import * as z from 'zod';

const anything = { status: 200, description: 'Whatever comes out', body: z.unknown() };

/** Its handler throws what `what` names. */
export const throws = defineOperation({
  id: 'throws',
  method: 'GET',
  path: '/throws/:what',
  summary: 'Throws',
  success: anything,
});

/** Its handler gives what `what` names. */
export const gives = defineOperation({
  id: 'gives',
  method: 'GET',
  path: '/gives/:what',
  summary: 'Gives',
  success: anything,
});

/** Its handler answers through the raw response in the way that `how` names. */
export const answers = defineOperation({
  id: 'answers',
  method: 'GET',
  path: '/answers/:how',
  summary: 'Answers by itself',
  success: anything,
});

/** Its handler waits in the way that `how` names. */
export const waits = defineOperation({
  id: 'waits',
  method: 'GET',
  path: '/waits/:how',
  summary: 'Waits',
  success: anything,
});

/** Its handler gives back what it got. */
export const echo = defineOperation({
  id: 'echo',
  method: 'POST',
  path: '/echo',
  summary: 'Repeats',
  body: z.unknown(),
  success: anything,
});

/** Its handler works for a while, and counts how often it did. */
export const once = defineOperation({
  id: 'once',
  method: 'POST',
  path: '/once',
  summary: 'Works once for a key',
  body: z.object({ name: z.string(), how: z.enum(['works', 'fails', 'breaks']) }),
  success: anything,
  idempotencyKey: 'optional',
});

/** Its handler gives the stream that `what` names. */
export const streams = defineOperation({
  id: 'streams',
  method: 'GET',
  path: '/streams/:what',
  summary: 'Streams',
  success: { status: 200, description: 'Whatever comes out', stream: { mediaType: 'text/plain' } },
});

/** Its handler gives the events that `what` names. */
export const happens = defineOperation({
  id: 'happens',
  method: 'GET',
  path: '/events/:what',
  summary: 'Tells what happens',
  success: { status: 200, description: 'Whatever happens', events: z.unknown() },
});

/** Its handler takes in an upload in the way that `how` names. */
export const uploads = defineOperation({
  id: 'uploads',
  method: 'PUT',
  path: '/uploads/:how',
  summary: 'Takes in',
  upload: { mediaTypes: ['text/*'], maximumBytes: 4 * 2 ** 20 },
  success: anything,
});

/** How often handlers began and ended. */
export const counts = defineOperation({
  id: 'counts',
  method: 'GET',
  path: '/counts',
  summary: 'Counts',
  success: anything,
});

export const contract = defineContract({
  name: 'hostile-service',
  version: '1.0.0',
  title: 'Hostile service',
  operations: [throws, gives, answers, waits, echo, once, streams, happens, uploads, counts],
});
