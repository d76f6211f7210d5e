import { accepted, created, noContent, reply } from '@org/api-rest';

const circular: unknown[] = [];
circular.push(circular);

function deep(): unknown {
  let value: unknown = [];
  for (let depth = 0; depth < 200_000; depth += 1) value = [value];
  return value;
}

const broken = () => {
  throw new Error('nobody reads this');
};

/** A promise of somebody else's making, that keeps no promise. */
function thenable(settle: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void) {
  return { then: settle };
}

const withHeader = (name: string, value: unknown) => reply({ headers: { [name]: value as string }, body: {} });

/** What a handler can give, odd as it may be, by name. */
export const given: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  function: () => () => 'x',
  symbol: () => Symbol('x'),
  bigint: () => ({ value: 1n }),
  nan: () => [Number.NaN, Number.POSITIVE_INFINITY, -0],
  date: () => new Date(Number.NaN),
  map: () => new Map([['a', 1]]),
  circular: () => circular,
  deep,
  'to-json': () => ({ toJSON: broken }),
  getter: () => Object.defineProperty({}, 'a', { enumerable: true, get: broken }),
  surrogates: () => '\ud800\u0000\u2028',
  large: () => 'x'.repeat(2 ** 18),
  // More than the system keeps for a client that does not read.
  huge: () => 'x'.repeat(2 ** 23),
  error: () => new Error('given, not thrown'),
  'resolves-twice': () =>
    thenable((resolve) => {
      resolve('first');
      resolve('second');
    }),
  'resolves-and-rejects': () =>
    thenable((resolve, reject) => {
      resolve('first');
      reject(new Error('second'));
      throw new Error('third');
    }),
  'rejects-with-nothing': () => thenable((_, reject) => reject(undefined)),
  'status-99': () => reply({ status: 99, body: {} }),
  'status-101': () => reply({ status: 101, body: {} }),
  'status-500': () => reply({ status: 500, body: {} }),
  'status-nan': () => reply({ status: Number.NaN, body: {} }),
  'status-text': () => reply({ status: '200' as never, body: {} }),
  'status-204-with-a-body': () => reply({ status: 204, body: { a: 1 } }),
  'status-304-with-a-body': () => reply({ status: 304, body: { a: 1 } }),
  'created-nowhere': () => reply({ status: 201, body: {} }),
  'created-with-line-breaks': () => created('/x\r\nSet-Cookie: a=b', {}),
  'created-in-unicode': () => created('/\u2028', {}),
  'created-anywhere': () => created(undefined as never, {}),
  accepted: () => accepted({}),
  nothing: noContent,
  'header-with-line-breaks': () => withHeader('x-odd', 'a\r\nSet-Cookie: a=b'),
  'header-with-nul': () => withHeader('x-odd', 'a\0b'),
  'header-in-unicode': () => withHeader('x-odd', '\u20ac'),
  'header-undefined': () => withHeader('x-odd', undefined),
  'header-symbol': () => withHeader('x-odd', Symbol('x')),
  'header-without-name': () => withHeader('', 'a'),
  'header-with-a-colon': () => withHeader('a: b\r\nc', 'd'),
  'header-length': () => withHeader('Content-Length', '1'),
  'header-coding': () => withHeader('Transfer-Encoding', 'chunked'),
  'header-connection': () => withHeader('CONNECTION', 'upgrade'),
};
