import { measure, type Scenario } from './load.ts';
import type { Server } from './server.ts';

/** One line of a table: what is asked of which server. */
export interface Row {
  readonly name: string;
  readonly server: Server;
  readonly scenario: Scenario;
}

export interface RoundsOptions {
  readonly rounds: number;
  readonly seconds: number;
}

/**
 * Measures all rows in turns, the order reversed every round, so that what else the machine does hits all alike. Gives the
 * median of each, in microseconds of CPU for a request.
 */
export async function measureInTurns(
  rows: readonly Row[],
  { rounds, seconds }: RoundsOptions,
): Promise<Map<string, number>> {
  const figures = new Map<string, number[]>(rows.map(({ name }) => [name, []]));
  for (const { server, scenario } of rows) await measure(server, scenario, seconds);
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, server, scenario } of round % 2 === 0 ? rows : rows.toReversed()) {
      figures.get(name)!.push(await measure(server, scenario, seconds));
    }
  }
  return new Map([...figures].map(([name, values]) => [name, median(values)]));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}
