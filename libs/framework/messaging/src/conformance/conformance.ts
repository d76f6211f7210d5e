import type { BrokerAdapter, Feature, Transport, TransportOptions } from '../transport.ts';
import { consumerCases } from './consumer-cases.ts';
import { deadLetterCases } from './dead-letter-cases.ts';
import { drainCases } from './drain-cases.ts';
import { faultCases } from './fault-cases.ts';
import { orderCases } from './order-cases.ts';
import { payloadCases } from './payload-cases.ts';
import { publishCases } from './publish-cases.ts';
import { queryCases } from './query-cases.ts';
import { retryCases } from './retry-cases.ts';
import { transportCases } from './transport-cases.ts';
import { withWorld, type World } from './world.ts';

/** One promise, for any test runner. */
export interface ConformanceCase {
  readonly name: string;
  /** What a broker must be able to do for it; where it cannot, the case is skipped by its name. */
  readonly needs?: Feature;
  /** Rejects when the promise is not kept. */
  run(): Promise<void>;
}

export interface ConformanceOptions {
  readonly adapter: Pick<BrokerAdapter, 'name' | 'binding'>;
  /**
   * Opens another connection to one and the same broker, which the case closes. The broker need not be empty: each case
   * has types of its own.
   */
  open(options: Pick<TransportOptions, 'queueLimit'>): Promise<Transport>;
  /** The delay of a rung of the ladders, in milliseconds. Default: 50. */
  readonly delayMs?: number;
  /** How long a case waits for one thing, in milliseconds. Default: 10 000. */
  readonly timeoutMs?: number;
}

/** A case as it is written: by its name, what it proves, and what it needs. */
export type Cases = Readonly<
  Record<string, ((world: World) => Promise<void>) | { needs: Feature; prove(world: World): Promise<void> }>
>;

/**
 * What every broker promises with this library over its transport:
 * `for (const { name, needs, run } of messagingConformance(options)) test.skipIf(needs && !features[needs])(name, run)`.
 */
export function messagingConformance(options: ConformanceOptions): ConformanceCase[] {
  const all: Cases = {
    ...publishCases,
    ...consumerCases,
    ...faultCases,
    ...retryCases,
    ...orderCases,
    ...payloadCases,
    ...drainCases,
    ...queryCases,
    ...deadLetterCases,
    ...transportCases,
  };
  return Object.entries(all).map(([name, written]) => {
    if (typeof written === 'function') return { name, run: () => withWorld(options, written) };
    return { name, needs: written.needs, run: () => withWorld(options, (world) => written.prove(world)) };
  });
}
