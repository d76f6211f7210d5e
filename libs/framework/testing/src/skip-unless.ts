/** The part of a test's context (Vitest) that is used here. */
export interface SkippableContext {
  skip(note?: string): never;
  readonly task: { readonly meta: object };
}

/** What a test needs that may not be on this machine. */
export interface Requirement {
  /** Such as `a NATS server`. */
  what: string;
  /** How to get it, such as `apt-get install nats-server`. */
  get: string;
  /**
   * Whether npm or Debian can supply it, so that a pipeline has no excuse: with `CI=true` the test fails instead.
   * Default: `true`.
   */
  obtainable?: boolean;
}

/**
 * Skips the running test unless what it needs is available, and says how to get it: in the test's output, and as
 * `meta.skipped` of the test in Vitest's JSON report, from which the end of a whole run lists it.
 *
 * @throws {Error} with `CI=true`, when it is obtainable: the test fails.
 */
export function skipUnless(
  context: SkippableContext,
  available: boolean,
  { what, get, obtainable = true }: Requirement,
  environment: NodeJS.ProcessEnv = process.env,
): asserts available {
  if (available) return;
  if (obtainable && environment.CI === 'true') {
    throw new Error(`This test needs ${what}, which a pipeline must have: ${get}`);
  }
  const note = `${what}: ${get}`;
  Object.assign(context.task.meta, { skipped: note });
  context.skip(note);
}
