import { closingCases } from './closing-cases.ts';
import { faultCases } from './fault-cases.ts';
import { followingCases } from './following-cases.ts';
import { leaseCases } from './lease-cases.ts';
import type { SecretFeature, SecretsPlace } from './place.ts';
import { valueCases } from './value-cases.ts';
import { withWorld, type World } from './world.ts';
import type { Clock } from '../clock.ts';

/** One promise, for any test runner. */
export interface ConformanceCase {
  readonly name: string;
  /** What a provider must be able to do for it; where it cannot, the case is skipped by its name. */
  readonly needs?: SecretFeature;
  /** Rejects when the promise is not kept. */
  run(): Promise<void>;
}

export interface ConformanceOptions {
  /** Makes a place for one case, which disposes it. Where time matters it goes by the clock, which the case moves on. */
  place(options: { readonly clock: Clock }): Promise<SecretsPlace>;
  /** How long a case waits for one thing, in milliseconds. Default: 10 000. */
  readonly timeoutMs?: number;
}

/** A case as it is written: by its name, what it proves, and what it needs. */
export type Cases = Readonly<
  Record<string, ((world: World) => Promise<void>) | { needs: SecretFeature; prove(world: World): Promise<void> }>
>;

/**
 * What every provider of secrets promises, as a service sees it:
 * `for (const { name, needs, run } of secretsConformance(options)) test.skipIf(needs && !features.includes(needs))(name, run)`.
 */
export function secretsConformance(options: ConformanceOptions): ConformanceCase[] {
  const all: Cases = { ...valueCases, ...followingCases, ...faultCases, ...leaseCases, ...closingCases };
  return Object.entries(all).map(([name, written]) => {
    if (typeof written === 'function') return { name, run: () => withWorld(options, written) };
    return { name, needs: written.needs, run: () => withWorld(options, (world) => written.prove(world)) };
  });
}
