import { createToken, order, type Scenario } from './load.ts';
import type { Finding } from './limits.ts';
import { measureInTurns, type RoundsOptions } from './rounds.ts';
import { startServer } from './server.ts';

/** What a refused request costs, as a ratio to one that is accepted. */
export async function measureRefusals(options: RoundsOptions): Promise<Finding[]> {
  await using server = await startServer();
  await using narrow = await startServer({ REST_BODY_LIMIT: '128B' });
  const token = createToken();
  const accepted: Scenario = { method: 'POST', path: '/orders', body: order, token };
  const refusals: Readonly<Record<string, Scenario>> = {
    '404: nothing is there': { ...accepted, path: '/nowhere/{n}' },
    '400: the order is not valid': { ...accepted, body: order.replace('"quantity":2', '"quantity":-2') },
    '400: the body is not JSON': { ...accepted, body: order.slice(1) },
    '401: there is no token': { method: 'POST', path: '/orders', body: order },
  };
  const rows = [
    { name: 'accepted', server, scenario: accepted },
    ...Object.entries(refusals).map(([name, scenario]) => ({ name, server, scenario: { ...scenario, refused: true } })),
    { name: '413: the body is too large', server: narrow, scenario: { ...accepted, refused: true } },
  ];
  const figures = await measureInTurns(rows, options);
  return rows.slice(1).map(({ name }) => ({
    what: `${name}, to an order that is accepted`,
    value: figures.get(name)! / figures.get('accepted')!,
    atMost: 1,
  }));
}
