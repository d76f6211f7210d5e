import { rawRequest, waitFor } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { given } from './service/given.ts';
import { thrown, unreadables } from './service/thrown.ts';
import { parseAnswers, summaryOf } from './support/answers.ts';
import { ask, post } from './support/requests.ts';
import { openHostileTarget, type Attack, type Target } from './support/target.ts';

let target: Target;
/** The same, with little time for each request; what never ends is left behind when it stops. */
let hurried: Target;
beforeAll(async () => {
  const environment = { REST_TIMEOUT: '300ms', REST_CONCURRENCY: '64', SHUTDOWN_TIMEOUT: '1s' };
  [target, hurried] = await Promise.all([openHostileTarget(), openHostileTarget({ environment, abandons: true })]);
});
afterAll(async () => {
  await Promise.all([target[Symbol.asyncDispose](), hurried[Symbol.asyncDispose]()]);
});

const closing = ['Connection: close'];
const get = (path: string, lines: readonly string[] = []) => target.one(ask(path, [...closing, ...lines]));
const soon = (path: string, lines: readonly string[] = []) => hurried.one(ask(path, [...closing, ...lines]));
/** Each failure is one line `error` in the log, of the request; none is of the process. */
const expectedErrors = ['"msg":"request"'];

/** What is thrown and is not the same to a client as any other failure. */
const codes: Readonly<Record<string, string>> = {
  abort: '499',
  time: '504',
  'details-circular': '404 ODD | 500',
  'details-bigint': '404 ODD | 500',
  'details-unreadable': '404 ODD | 500',
  'violations-text': '400 ODD | 500',
  'violations-many': '400 ODD',
  'retry-never': '503 ODD',
  'retry-nan': '503 ODD',
  'retry-negative': '503 ODD',
  'retry-text': '503 ODD',
};

const throwing = Object.keys(thrown).map((what): Attack => [
  what,
  codes[what] ?? '500',
  'serves',
  ask(`/throws/${what}`),
]);

/** What is given and is no failure. */
const successes: Readonly<Record<string, string>> = {
  undefined: '200 | 500 RESPONSE_INVALID',
  function: '200 | 500 RESPONSE_INVALID',
  symbol: '200 | 500 RESPONSE_INVALID',
  nan: '200',
  date: '200',
  map: '200',
  surrogates: '200',
  large: '200',
  error: '200',
  'resolves-twice': '200',
  'resolves-and-rejects': '200',
  'status-204-with-a-body': '500 RESPONSE_INVALID',
  'status-304-with-a-body': '500 RESPONSE_INVALID',
  'created-in-unicode': '500 RESPONSE_INVALID',
  'created-anywhere': '500 RESPONSE_INVALID',
  accepted: '202',
  nothing: '204',
};

const giving = Object.keys(given)
  .filter((what) => what !== 'huge')
  .map((what): Attack => [what, successes[what] ?? '500 RESPONSE_INVALID | 500', 'serves', ask(`/gives/${what}`)]);

describe.each([
  ['a handler that throws', throwing],
  ['a handler that gives', giving],
])('%s', (_, attacks) => {
  test.each(attacks)('%s gets %s and the connection %s', (...attack) => target.withstand(attack));

  test('does no harm', () => target.unharmed(expectedErrors));
});

test('no failure of a handler tells the client what is inside', async () => {
  for (const what of Object.keys(thrown)) {
    const { status, headers, text } = await get(`/throws/${what}`);
    expect(Object.keys(headers)).not.toContain('set-cookie');
    expect(headers['retry-after'] ?? '0').toMatch(/^\d+$/);
    expect(text.length).toBeLessThan(32_768);
    if (status >= 500) expect(JSON.parse(text)).not.toHaveProperty('detail');
  }
});

describe('a handler that answers by itself', () => {
  test.each([
    ['and-gives', 'itself'],
    ['and-throws', 'itself'],
    ['twice', 'itself'],
    ['and-writes-on', 'itself'],
    ['and-sets-a-header-later', 'itself'],
  ])('%s: the first answer holds, and the next request is answered', (how, by) =>
    target.withstand([how, '200', 'serves', ask(`/answers/${how}`)]).then(async () => {
      expect(JSON.parse((await get(`/answers/${how}`)).text)).toEqual({ by });
    }),
  );

  test.each(['with-a-status-that-is-none', 'with-a-header-that-is-none'])('%s is answered for', (how) =>
    target.withstand([how, '500', 'serves', ask(`/answers/${how}`)]),
  );

  test.each([
    'half-and-throws',
    'half-and-rejects-later',
    'half-and-breaks',
    'half-of-a-length',
    'half-and-ends-well',
    'the-head-alone',
    'by-breaking',
  ])('%s: the client sees that the answer is not whole', async (how) => {
    const { text, end } = await rawRequest(hurried.port, ask(`/answers/${how}`) + ask('/counts'));
    expect(['closed', 'reset']).toContain(end);
    if (text !== '') expect(() => parseAnswers(text)).toThrow('Expected whole answers');
    expect(text).not.toContain('waiting');
  });

  test('does no harm', () => target.unharmed(expectedErrors));
});

describe('a handler that waits', () => {
  const late = '504 DEADLINE_EXCEEDED';

  test.each(['never', 'obediently', 'and-gives-late', 'and-throws-late'])('%s is answered for', (how) =>
    hurried.withstand([how, late, 'serves', ask(`/waits/${how}`)]),
  );

  test.each(['never', 'obediently', 'and-gives-late', 'and-throws-late', 'and-throws-in-a-listener'])(
    '%s is answered for when its caller gives it less time',
    async (how) => {
      const answer = await soon(`/waits/${how}`, ['X-Request-Timeout: 50']);
      expect(['504 DEADLINE_EXCEEDED', '500']).toContain(summaryOf(answer));
    },
  );

  test('and blocks is answered, and so are the others', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => get('/waits/by-blocking')));
    expect(all.map(({ text }) => text)).toEqual(Array.from({ length: 5 }, () => '"blocked"'));
  });

  test('for ever takes no place from others', async () => {
    const all = await Promise.all(Array.from({ length: 100 }, () => soon('/waits/never')));
    const statuses = new Set(all.map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 503 && status !== 504)).toEqual([]);
    await waitFor(async () => (await soon('/waits/shortly')).status === 200, {
      what: 'an honest request to be served',
    });
  });

  test('does no harm', () => hurried.unharmed([...expectedErrors, '504']));
});

describe('a page of Express that', () => {
  test.each([
    ['throws', '500'],
    ['rejects', '500'],
    ['passes-an-error', '418'],
    ['passes-a-text', '500'],
    ['passes-twice', '404 ROUTE_NOT_FOUND'],
    ['passes-and-answers', '404 ROUTE_NOT_FOUND | 200'],
    ['answers-and-passes', '200'],
    ['answers-twice', '200'],
    ['answers-late', '200'],
    ['redirects?to=/x%0d%0aSet-Cookie:%20a=b', '302'],
    ['redirects?to=%00', '302'],
    ['files?path=../../../../etc/passwd', '403 | 404'],
    ['files?path=%00', '400'],
    ['files?path=main.mjs%00', '400'],
    ['files?path=.', '403 | 404'],
    ['nothing', '404 ROUTE_NOT_FOUND'],
    ['__proto__', '404 ROUTE_NOT_FOUND'],
  ])('%s gets %s', (path, expected) => target.withstand([path, expected, 'serves', ask(`/page/${path}`)]));

  test('never answers is answered for', () =>
    hurried.withstand(['never', '504 DEADLINE_EXCEEDED', 'serves', ask('/page/never')]));

  test('throws half-way breaks the connection', async () => {
    const { text, end } = await rawRequest(target.port, ask('/page/half-and-throws') + ask('/counts'));
    expect(['closed', 'reset']).toContain(end);
    expect(text).not.toContain('waiting');
  });

  test('redirects sets no header of the caller’s', async () => {
    const { headers } = await get('/page/redirects?to=/x%0d%0aSet-Cookie:%20a=b');
    expect(Object.keys(headers)).not.toContain('set-cookie');
  });

  test('does no harm', () => target.unharmed(expectedErrors));
});

describe('a body that is repeated', () => {
  const echo = (body: string) => target.one(post(body, closing, '/echo'));

  test.each([
    '"\\ud800"',
    '"\\u0000"',
    '1e-400',
    '[[[[]]]]',
    '{"":{"":""}}',
    '{"toString":1,"valueOf":2}',
    '{"then":1}',
    '{"toJSON":1}',
    '{"length":-1}',
    '"\\u2028</script>"',
  ])('%s comes back as what it is', async (body) => {
    const { status, headers, text } = await echo(body);
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(text)).toEqual({ body: JSON.parse(body) as unknown });
  });

  test.each([16, 1_000, 100_000])('a list %d deep does no harm', async (depth) => {
    const { status } = await echo(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect([200, 400]).toContain(status);
    await target.serves();
  });
});

describe('the same Idempotency-Key', () => {
  const work = (key: string, body: { name: string; how: string }) =>
    target.one(post(JSON.stringify(body), [...closing, `Idempotency-Key: ${key}`], '/once'));
  const counted = async () => (JSON.parse((await get('/counts')).text) as { worked: Record<string, number> }).worked;

  test('fifty times at once does the work once', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => work('fifty', { name: 'fifty', how: 'works' })));
    expect([...new Set(all.map(({ status }) => status))].sort()).toEqual([200, 409]);
    expect((await counted()).fifty).toBe(1);
    const again = await work('fifty', { name: 'fifty', how: 'works' });
    expect([again.status, again.headers['idempotency-replayed'], again.text]).toEqual([200, 'true', '{"worked":1}']);
  });

  test('with another body is refused, while the work goes on and after', async () => {
    const [first, second] = await Promise.all([
      work('other', { name: 'other', how: 'works' }),
      work('other', { name: 'another', how: 'works' }),
    ]);
    expect([first.status, second.status].sort()).toEqual([200, 422]);
    expect((await work('other', { name: 'third', how: 'works' })).status).toBe(422);
  });

  test.each([
    ['fails', 503],
    ['breaks', 500],
  ])('is free again when the work %s', async (how, status) => {
    const all = await Promise.all(Array.from({ length: 10 }, () => work(how, { name: how, how })));
    expect([...new Set(all.map((answer) => answer.status))].sort()).toEqual([409, status].sort());
    expect((await work(how, { name: how, how: 'works' })).status).toBe(200);
    expect((await counted())[how]).toBe(1);
  });

  test('is free again when the client has left before the work was done', async () => {
    const body = JSON.stringify({ name: 'left', how: 'works' });
    await rawRequest(target.port, post(body, ['Idempotency-Key: left'], '/once'), { timeoutMs: 10 });
    const answer = await waitFor(
      async () => {
        const { status, text } = await work('left', { name: 'left', how: 'works' });
        return status === 200 && text;
      },
      { what: 'the answer of the work that was left' },
    );
    expect(answer).toBe('{"worked":1}');
  });

  test.each(['__proto__', 'constructor', '"quoted"', '{}', '%00', 'k'.repeat(255)])(
    '%j is as good as any',
    async (key) => {
      expect((await work(key, { name: key, how: 'works' })).status).toBe(200);
      expect((await work(key, { name: key, how: 'works' })).headers['idempotency-replayed']).toBe('true');
    },
  );

  test.each(['', ' ', 'a b', 'k'.repeat(256), 'ä', '\u20ac'])('%j is refused', (key) =>
    target.withstand([
      '',
      '400 IDEMPOTENCY_KEY_MALFORMED',
      'serves',
      post('{"name":"x","how":"works"}', [`Idempotency-Key: ${key}`], '/once'),
    ]),
  );

  test('does no harm', () => target.unharmed(expectedErrors));
});

// With a service of its own, since it is the one thing here that could end the process.
test.each(Object.keys(unreadables))('an error that is %s is a failure as any other', async (what) => {
  await using other = await openHostileTarget();
  await other.withstand([what, '500', 'serves', ask(`/throws/${what}`)]);
  await other.unharmed(expectedErrors);
});
