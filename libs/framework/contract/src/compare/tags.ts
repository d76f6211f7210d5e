import { valuesOf, type Alternative } from './alternatives.ts';
import { resolve, type Components } from './schema.ts';

interface Union {
  readonly alternatives: readonly Alternative[];
  readonly document: Components;
}

/**
 * The property by which all unions of a pair tell their objects apart, as `type` of a discriminated union: each has values of
 * its own there. `undefined` where there is none, or where neither has objects to tell apart.
 */
export function tagOf(unions: readonly Union[]): string | undefined {
  const several = unions
    .map(({ alternatives, document }) => ({ objects: alternatives.filter(isObject), document }))
    .filter(({ objects }) => objects.length > 1);
  const candidates = Object.keys(several[0]?.objects[0]?.properties ?? {});
  return candidates.find((key) =>
    several.every(({ objects, document }) => {
      const values = objects.map((each) => tagValues(each, key, document)?.map((value) => JSON.stringify(value)));
      return values.every((each) => each !== undefined) && new Set(values.flat()).size === values.flat().length;
    }),
  );
}

/** The values that an object may have in a property; `undefined` where it may have others as well. */
export function tagValues(alternative: Alternative, key: string, document: Components): unknown[] | undefined {
  const properties = (alternative.properties ?? {}) as Readonly<Record<string, unknown>>;
  return isObject(alternative) && key in properties ? valuesOf(resolve(properties[key], document)) : undefined;
}

function isObject({ type }: Alternative): boolean {
  return type === 'object';
}
