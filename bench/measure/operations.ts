import type { Finding } from './limits.ts';
import { measureInTurns, type RoundsOptions } from './rounds.ts';
import { startServer } from './server.ts';

/**
 * What a request costs where there are many operations, as a ratio to what it costs where there are few: to one of them, and
 * to all in turn, each of which the engine gets to know less well.
 */
export async function measureOperations(options: RoundsOptions): Promise<Finding[]> {
  const [few, many] = [5, 500];
  await using servers = new AsyncDisposableStack();
  const rowsFor = async (operations: number) => {
    const server = servers.use(await startServer({ BENCH_OPERATIONS: String(operations) }));
    const generated = operations - 3;
    return [
      { name: `one of ${operations}`, server, scenario: { path: `/generated/${generated - 1}/things/{n}` } },
      { name: `all of ${operations}`, server, scenario: { path: '/generated/{n}/things/7', count: generated } },
    ];
  };
  const figures = await measureInTurns([...(await rowsFor(few)), ...(await rowsFor(many))], options);
  return ['one', 'all'].map((which) => ({
    what: `requests to ${which} of ${many} operations, to ${which} of ${few}`,
    value: figures.get(`${which} of ${many}`)! / figures.get(`${which} of ${few}`)!,
    atMost: 1.1,
  }));
}
