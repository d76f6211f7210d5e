import { ServiceError } from '@org/errors';

const circular: Record<string, unknown> = {};
circular.self = circular;

function withCause(): Error {
  const error = new Error('its cause is itself');
  error.cause = error;
  return error;
}

function unreadable(): Error {
  const error = new Error('x');
  const broken = () => {
    throw new Error('nobody reads this');
  };
  for (const name of ['message', 'stack', 'name', 'code', 'cause', 'status', 'toString', 'toJSON']) {
    Object.defineProperty(error, name, { get: broken });
  }
  return error;
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function overflow(): never {
  const deeper = (): number => 1 + deeper();
  deeper();
  throw new Error('not reached');
}

const details = (value: unknown) => new ServiceError('not_found', 'odd details', { reason: 'ODD', details: { value } });
const violations = (value: unknown) =>
  new ServiceError('invalid_argument', 'odd places', { reason: 'ODD', details: { violations: value as never } });
const retryAfter = (value: unknown) =>
  new ServiceError('unavailable', 'odd wait', { reason: 'ODD', details: { retryAfterMs: value as never } });

/** What a handler can throw, odd as it may be, by name. */
export const thrown: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  false: () => false,
  number: () => 404,
  text: () => 'a text',
  symbol: () => Symbol('a symbol'),
  bigint: () => 1n,
  function: () => () => 'a function',
  list: () => [1, 2, 3],
  object: () => ({ status: 200, statusCode: 302, code: 'not_found', message: 'not really', expose: true }),
  promise: () => Promise.resolve('a promise'),
  'without-prototype': () => Object.create(null) as unknown,
  circular: () => circular,
  frozen: () => Object.freeze(new Error('frozen')),
  'own-cause': withCause,
  'many-causes': () => {
    let error = new Error('the first');
    for (let index = 0; index < 5_000; index += 1) error = new Error(`cause ${index}`, { cause: error });
    return error;
  },
  'many-errors': () => new AggregateError(Array.from({ length: 5_000 }, (_, index) => new Error(`error ${index}`))),
  'large-message': () => new Error('m'.repeat(2 ** 20)),
  'escape-codes': () => new Error('\u001b[2J\r\n{"level":"fatal"}\u2028\u0000'),
  'large-field': () => Object.assign(new Error('x'), { buffer: Buffer.alloc(2 ** 20), list: Array(100_000).fill('x') }),
  'getter-field': () =>
    Object.defineProperty(new Error('x'), 'field', {
      enumerable: true,
      get() {
        throw new Error('nobody reads this');
      },
    }),
  overflow,
  abort: () => new DOMException('x', 'AbortError'),
  time: () => new DOMException('x', 'TimeoutError'),
  'wrong-status': () => Object.assign(new Error('x'), { status: 200, statusCode: 700, headers: { 'a\r\nb': 'c' } }),
  'code-unknown': () => Object.assign(new Error('x'), { code: '__proto__' }),
  'details-circular': () => details(circular),
  'details-bigint': () => details(1n),
  'details-unreadable': () => details({ toJSON: () => overflow() }),
  'violations-text': () => violations('no list'),
  'violations-many': () => violations(Array.from({ length: 100_000 }, () => ({ pointer: '/a', detail: 'x' }))),
  'retry-never': () => retryAfter(Number.POSITIVE_INFINITY),
  'retry-nan': () => retryAfter(Number.NaN),
  'retry-negative': () => retryAfter(-1),
  'retry-text': () => retryAfter('1\r\nSet-Cookie: a=b'),
};

/** What a handler can throw that throws again when it is looked at, by name. */
export const unreadables: Readonly<Record<string, () => unknown>> = { revoked, unreadable };
