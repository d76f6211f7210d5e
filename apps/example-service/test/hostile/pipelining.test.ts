import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, order, orderHead, post } from './support/requests.ts';
import { openTarget, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target[Symbol.asyncDispose]());

const last = ask('/orders?limit=1', ['X-Request-Id: last', 'Connection: close']);
const numbered = (count: number, make: (id: string, index: number) => string | Buffer) =>
  Buffer.concat(Array.from({ length: count }, (_, index) => Buffer.from(make(`p-${index}`, index) as string)));
const statuses = async (bytes: Uint8Array | string) => (await target.send(bytes)).map(({ status }) => status);

describe('requests one behind the other, without waiting', () => {
  test('a hundred are answered in their order', async () => {
    const requests = numbered(100, (id, index) =>
      index % 2 === 0 ? post(order, [`X-Request-Id: ${id}`]) : ask('/orders?limit=1', [`X-Request-Id: ${id}`]),
    );
    const answers = await target.send(Buffer.concat([requests, Buffer.from(last)]));
    const ids = [...Array.from({ length: 100 }, (_, index) => `p-${index}`), 'last'];
    expect(answers.map(({ headers }) => headers['x-request-id'])).toEqual(ids);
    expect(answers.map(({ status }) => status)).toEqual(ids.map((id) => (/[02468]$/.test(id) ? 201 : 200)));
  });

  test('each is answered also behind those that are refused', async () => {
    const requests = [post('{'), ask('/nowhere'), ask('/orders', [], 'DELETE'), post('{}'), ask('/orders/%ff'), last];
    expect(await statuses(requests.join(''))).toEqual([400, 404, 405, 400, 400, 200]);
  });

  test('none is answered behind one that is no HTTP', async () => {
    const answers = await statuses(`${ask('/nowhere')}nonsense\r\n\r\n${last}`);
    expect([[404], [404, 400]]).toContainEqual(answers);
  });

  test('an order is answered also when what stands behind it is no HTTP', async () => {
    const answers = await statuses(`${post(order).toString()}nonsense\r\n\r\n${last}`);
    expect([[201], [201, 400]]).toContainEqual(answers);
  });

  test('an order is answered also when an empty line stands behind it', async () => {
    expect(await statuses(`${post(order, ['Connection: close']).toString()}\r\n`)).toEqual([201]);
  });

  test('none is answered behind one that closes', async () => {
    expect(await statuses(`${ask('/nowhere', ['Connection: close'])}${last}`)).toEqual([404]);
  });

  test('none is answered behind one of HTTP/1.0', async () => {
    expect(await statuses(`GET /nowhere HTTP/1.0\r\nHost: x\r\n\r\n${last}`)).toEqual([404]);
  });

  test('none is answered behind a body that is too large', async () => {
    expect(await statuses(Buffer.concat([post('x'.repeat(2 ** 20 + 1)), Buffer.from(last)]))).toEqual([413]);
  });

  test('all before one whose headers are too large are answered', async () => {
    const large = ask('/orders', [`X: ${'x'.repeat(65_536)}`]);
    const answers = await statuses(`${ask('/nowhere').repeat(3)}${large}${last}`);
    expect([
      [404, 404, 404],
      [404, 404, 404, 431],
    ]).toContainEqual(answers);
  });

  test('HEAD among them has no body', async () => {
    expect(await statuses(`${ask('/orders', [], 'HEAD').repeat(5)}${last}`)).toEqual([200, 200, 200, 200, 200, 200]);
  });

  test('a hundred whose client asks to go on first are answered', async () => {
    const { length } = Buffer.from(order);
    const patient = `${orderHead}Expect: 100-continue\r\nContent-Length: ${length}\r\n\r\n${order}`;
    expect(await statuses(patient.repeat(100) + last)).toEqual([...Array.from({ length: 100 }, () => 201), 200]);
  });

  test('of a thousand the first are answered, and the rest is not done', async () => {
    const answers = await statuses(ask('/n').repeat(1_000) + last);
    const done = answers.findIndex((status) => status !== 404);
    expect(done).toBeGreaterThanOrEqual(100);
    expect([[], [503], [200]]).toContainEqual(answers.slice(done));
  });

  test('the answers of several connections are not mixed up', async () => {
    const each = await Promise.all(
      Array.from({ length: 20 }, async (_, connection) => {
        const ids = Array.from({ length: 25 }, (_, index) => `c${connection}-${index}`);
        const requests = ids.map((id) => ask(`/orders/${id}`, [`X-Request-Id: ${id}`]));
        const answers = await target.send(requests.join('') + last);
        return answers.map(({ headers }) => headers['x-request-id']).join() === [...ids, 'last'].join();
      }),
    );
    expect(each).toEqual(Array.from({ length: 20 }, () => true));
  });

  test('and no harm is done', () => target.unharmed());
});
