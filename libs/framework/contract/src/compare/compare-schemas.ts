import { alternativesOf, isOf, typeOf, valuesOf, type Alternative } from './alternatives.ts';
import { holds, limitFaults } from './limits.ts';
import { isSame, resolve, unjudged, type Components, type Schema } from './schema.ts';
import { tagOf, tagValues } from './tags.ts';

/**
 * Which way a value goes. What a service takes may become more, what it gives may become less; the other way round it breaks
 * somebody.
 */
export type Direction = 'request' | 'response';

/** Something that is not as it was, at a place such as `/items/0/quantity`, where `*` stands for each item or key. */
export interface SchemaFault {
  readonly path: string;
  readonly text: string;
}

export interface Comparison {
  readonly direction: Direction;
  readonly before: Components;
  readonly after: Components;
  /** The pairs that are being compared further up: a schema may contain itself. */
  readonly under?: ReadonlySet<string>;
}

/**
 * What in a newer schema breaks those who know the older one: in a request, values that were taken and no longer are; in a
 * response, values that were never given and now may be.
 */
export function compareSchemas(before: unknown, after: unknown, comparison: Comparison, path = ''): SchemaFault[] {
  const pair = JSON.stringify([before, after]);
  if (comparison.under?.has(pair)) return [];
  const inner = { ...comparison, under: new Set([...(comparison.under ?? []), pair]) };
  const [was, is] = [resolve(before, comparison.before), resolve(after, comparison.after)];
  const unknown = unknownFaults(was, is, path);
  if (unknown.length > 0) return unknown;

  const older = alternativesOf(was, comparison.before);
  const newer = alternativesOf(is, comparison.after);
  const [narrow, wide] = comparison.direction === 'request' ? [older, newer] : [newer, older];
  const [inNarrow, inWide] =
    comparison.direction === 'request' ? [comparison.before, comparison.after] : [comparison.after, comparison.before];
  const tag = tagOf([
    { alternatives: narrow, document: inNarrow },
    { alternatives: wide, document: inWide },
  ]);
  return narrow.flatMap((each) => {
    const tags = tag === undefined ? undefined : tagValues(each, tag, inNarrow);
    if (tag === undefined || tags === undefined) return uncovered(each, wide, inner, path);
    // What is meant by an alternative of a discriminated union is the one of the same tag, however much of it changed.
    const meant = wide.filter((other) => {
      const others = tagValues(other, tag, inWide);
      return others === undefined || others.some((value) => tags.some((own) => isSame(own, value)));
    });
    if (meant.some(({ type }) => type === undefined || type === 'object')) return uncovered(each, meant, inner, path);
    return [{ path: `${path}/${tag}`, text: `${shown(tags)} ${became(inner, 'value', tags.length)}` }];
  });
}

function unknownFaults(was: Schema, is: Schema, path: string): SchemaFault[] {
  return [...new Set([...unjudged(was), ...unjudged(is)])]
    .filter((key) => !isSame(was[key], is[key]))
    .map((key) => ({ path, text: `\`${key}\` changed, which cannot be judged` }));
}

/** What keeps an alternative from being one of others. */
function uncovered(
  narrow: Alternative,
  wide: readonly Alternative[],
  comparison: Comparison,
  path: string,
): SchemaFault[] {
  const values = valuesOf(narrow);
  const listed = wide.filter((each) => isOf(each.type as string | undefined, narrow.type as string | undefined));
  if (values) {
    const refused = values.filter((value) => !wide.some((each) => takes(each, value)));
    if (refused.length > 0) return [{ path, text: `${shown(refused)} ${became(comparison, 'value', refused.length)}` }];
    return [];
  }
  const faults = listed.map((each) => faultsBetween(narrow, each, comparison, path));
  const best = faults.toSorted((a, b) => a.length - b.length)[0];
  return best ?? [{ path, text: `${nameOf(narrow)} ${became(comparison, 'type', 1)}` }];
}

function takes(wide: Alternative, value: unknown): boolean {
  const values = valuesOf(wide);
  if (values) return values.some((each) => isSame(each, value));
  return isOf(wide.type as string | undefined, typeOf(value)) && holds(wide, value);
}

function faultsBetween(narrow: Alternative, wide: Alternative, comparison: Comparison, path: string): SchemaFault[] {
  const values = valuesOf(wide);
  if (values) {
    const text =
      comparison.direction === 'request' ? `is only ${shown(values)} now` : `was only ${shown(values)}, is more now`;
    return [{ path, text }];
  }
  const [was, is] = comparison.direction === 'request' ? [narrow, wide] : [wide, narrow];
  return [
    ...unknownFaults(was, is, path),
    ...limitFaults(narrow, wide, comparison.direction).map((text) => ({ path, text })),
    ...keyFaults(was, is, comparison, path),
    ...itemFaults(was, is, comparison, path),
    ...propertyFaults(was, is, comparison, path),
  ];
}

function itemFaults(was: Alternative, is: Alternative, comparison: Comparison, path: string): SchemaFault[] {
  const first = [was, is].map(({ prefixItems }) => (Array.isArray(prefixItems) ? (prefixItems as unknown[]) : []));
  const length = Math.max(...first.map((each) => each.length));
  const places = Array.from({ length }, (_, index) =>
    compareSchemas(first[0]![index] ?? was.items, first[1]![index] ?? is.items, comparison, `${path}/${index}`),
  );
  if (was.items === undefined && is.items === undefined) return places.flat();
  return [...places.flat(), ...compareSchemas(was.items, is.items, comparison, `${path}/*`)];
}

/** What the keys of a map may be called. */
function keyFaults(was: Alternative, is: Alternative, comparison: Comparison, path: string): SchemaFault[] {
  if (was.propertyNames === undefined && is.propertyNames === undefined) return [];
  const [older, newer] = [was, is].map(({ propertyNames = { type: 'string' } }) => propertyNames);
  return compareSchemas(older, newer, comparison, path).map((fault) => ({
    ...fault,
    text: `of the keys, ${fault.text}`,
  }));
}

type Properties = Readonly<Record<string, unknown>>;

function propertyFaults(was: Alternative, is: Alternative, comparison: Comparison, path: string): SchemaFault[] {
  const [older, newer] = [was, is].map(({ properties }) => (properties ?? {}) as Properties) as [
    Properties,
    Properties,
  ];
  const [must, mustNow] = [was, is].map(({ required }) => new Set((required as string[] | undefined) ?? []));
  const isRequest = comparison.direction === 'request';
  const ofOlder = Object.keys(older).flatMap((key): SchemaFault[] => {
    const place = `${path}/${key}`;
    if (!(key in newer)) return [{ path: place, text: isRequest ? 'is no longer taken' : 'is gone' }];
    const optional = !isRequest && must!.has(key) && !mustNow!.has(key);
    return [
      ...(optional ? [{ path: place, text: 'may be missing now' }] : []),
      ...compareSchemas(older[key], newer[key], comparison, place),
    ];
  });
  const required = isRequest ? [...mustNow!].filter((key) => !must!.has(key)) : [];
  // The keys of a map are no properties, yet may all have to be there.
  const missing = isRequest ? [] : [...must!].filter((key) => !(key in older) && !mustNow!.has(key));
  return [
    ...ofOlder,
    ...required.map((key) => ({ path: `${path}/${key}`, text: 'is required now' })),
    ...missing.map((key) => ({ path: `${path}/${key}`, text: 'may be missing now' })),
    ...otherKeyFaults(was, is, comparison, path),
  ];
}

/** What is known of keys that are not named: a map's values, or that there are none. */
function otherKeyFaults(was: Alternative, is: Alternative, comparison: Comparison, path: string): SchemaFault[] {
  const [older, newer] = [was.additionalProperties, is.additionalProperties];
  if (isSame(older, newer) && older === undefined) return [];
  if (comparison.direction === 'response') {
    // Clients leave out what they do not know, so only the values of a map can break them.
    const isMap = typeof older === 'object' && older !== null;
    return isMap ? compareSchemas(older, newer === false ? older : newer, comparison, `${path}/*`) : [];
  }
  if (older === false || newer === undefined || newer === true) return [];
  if (newer === false) return [{ path, text: 'takes no unknown keys any more' }];
  return compareSchemas(older, newer, comparison, `${path}/*`);
}

function nameOf({ type }: Alternative): string {
  return typeof type === 'string' ? `the type \`${type}\`` : 'any value';
}

function became({ direction }: Comparison, what: string, count: number): string {
  if (direction === 'request') return count > 1 ? 'are no longer taken' : 'is no longer taken';
  return `may be there now, ${count > 1 ? `${what}s` : `a ${what}`} that clients do not know`;
}

function shown(values: readonly unknown[]): string {
  const most = 5;
  const some = values.slice(0, most).map((value) => `\`${JSON.stringify(value)}\``);
  return [...some, ...(values.length > most ? [`${values.length - most} more`] : [])].join(', ');
}
