import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { Readable } from 'node:stream';

const piece = 'x'.repeat(16_384);

async function* endless() {
  for (;;) {
    await nextTurn();
    yield piece;
  }
}

async function* after(count: number, then: () => unknown) {
  for (let index = 0; index < count; index += 1) yield piece;
  await nextTurn();
  yield then();
}

/** An iterator of somebody else's making, that keeps no promise. */
function iterator(next: () => unknown, end: () => unknown = () => ({ done: true })): unknown {
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
}

const fail = () => {
  throw new Error('half-way');
};
const never = () => new Promise(() => undefined);

/** What a handler can give for a stream, odd as it may be, by name. */
export const streamed: Readonly<Record<string, () => unknown>> = {
  endless,
  whole: () => after(3, () => 'end'),
  'fails-at-once': () => after(0, fail),
  'fails-half-way': () => after(3, fail),
  'rejects-half-way': () => after(3, () => Promise.reject(new Error('half-way'))),
  'stands-still': () => after(3, never),
  'never-begins': () => iterator(never),
  'never-ends-well': () => iterator(() => nextTurn({ value: piece, done: false }), never),
  'throws-when-asked': () => iterator(fail),
  'throws-when-let-go': () => iterator(() => nextTurn({ value: piece, done: false }), fail),
  'gives-no-result': () => iterator(() => undefined),
  'gives-a-number': () => after(3, () => 7),
  'gives-an-object': () => after(3, () => ({ a: 1 })),
  'gives-nothing': () => after(3, () => undefined),
  'is-no-stream': () => ({ a: 1 }),
  'is-undefined': () => undefined,
  'is-destroyed': () => Readable.from(['a']).destroy(new Error('half-way')),
  'breaks-later': () => {
    const readable = new Readable({ read: () => undefined });
    readable.push(piece);
    void delay(20).then(() => readable.destroy(new Error('half-way')));
    return readable;
  },
};

const circular: Record<string, unknown> = {};
circular.self = circular;

async function* events(...all: unknown[]) {
  yield { data: 'first' };
  await nextTurn();
  yield* all;
}

async function* endlessEvents() {
  for (;;) {
    await nextTurn();
    yield { data: piece };
  }
}

/** What a handler can give for events, odd as it may be, by name. */
export const happened: Readonly<Record<string, () => unknown>> = {
  endless: endlessEvents,
  'with-line-breaks': () => events({ data: 'a\n\ndata: forged\n\n', event: 'a\nevent: forged' }),
  'with-a-forged-id': () => events({ data: 'x', id: '1\n\ndata: forged' }),
  'with-nul': () => events({ data: 'x', id: 'a\0b' }),
  'with-no-data': () => events({ event: 'x' }),
  'with-null': () => events(null),
  'with-a-text': () => events('data: forged\n\n'),
  'with-a-circle': () => events({ data: circular }),
  'with-a-bigint': () => events({ data: 1n }),
  'with-an-odd-retry': () => events({ data: 'x', retry: Number.NaN }),
  'with-a-retry-text': () => events({ data: 'x', retry: '1\ndata: forged' }),
  'and-fails': () =>
    events(
      ...[fail].map((each) => ({
        get data() {
          return each();
        },
      })),
    ),
};
