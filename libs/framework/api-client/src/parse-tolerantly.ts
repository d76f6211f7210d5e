import type * as z from 'zod';

type Issue = z.core.$ZodIssue;

/** As often as something unknown may stand in what is only looked at once something else is gone. */
const mostRounds = 10;

/**
 * Puts a value through a schema, and takes keys that the schema does not know for what a newer server may send: they
 * are left out, also where the schema is strict. Changes the value.
 */
export function parseTolerantly<Output>(schema: z.ZodType<Output>, value: unknown): z.ZodSafeParseResult<Output> {
  let result = schema.safeParse(value);
  for (let round = 0; round < mostRounds && !result.success; round += 1) {
    const unknown = unknownKeys(result.error.issues);
    if (!unknown) return result;
    for (const { path, key } of unknown) removeKey(value, path, key);
    result = schema.safeParse(value);
  }
  return result;
}

interface UnknownKey {
  readonly path: readonly PropertyKey[];
  readonly key: string;
}

/** The unknown keys that the issues are about; `undefined` when they are about anything else as well. */
function unknownKeys(issues: readonly Issue[], base: readonly PropertyKey[] = []): UnknownKey[] | undefined {
  const found: UnknownKey[] = [];
  for (const issue of issues) {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') found.push(...issue.keys.map((key) => ({ path, key })));
    else if (issue.code === 'invalid_union') {
      const inBranch = issue.errors.map((branch) => unknownKeys(branch, path)).find((keys) => keys !== undefined);
      if (!inBranch) return undefined;
      found.push(...inBranch);
    } else return undefined;
  }
  return found.length > 0 ? found : undefined;
}

function removeKey(value: unknown, path: readonly PropertyKey[], key: string): void {
  let place = value as Record<PropertyKey, unknown> | undefined;
  for (const step of path) place = place?.[step] as Record<PropertyKey, unknown> | undefined;
  if (place !== undefined) delete place[key];
}
