import { overlap, parsePath, type Segments } from './fields.ts';
import { isDocument, type PlainDocument } from './values.ts';

/** Which fields are given back. */
export interface Projection {
  readonly kind: 'include' | 'exclude';
  /** None leads to another. */
  readonly paths: readonly Segments[];
  readonly withId: boolean;
  readonly given: Readonly<Record<string, 0 | 1>>;
}

/**
 * @param given Fields with 1, or fields with 0; `_id` is among the first unless it is 0.
 * @throws {TypeError} for both at once, and for operators.
 */
export function parseProjection(given: Readonly<Record<string, unknown>> | undefined): Projection | undefined {
  if (given === undefined) return undefined;
  const written: Record<string, 0 | 1> = {};
  const paths: Segments[] = [];
  let kind: Projection['kind'] | undefined;
  let withId: boolean | undefined;
  for (const [at, value] of Object.entries(given)) {
    const path = parsePath(at, 'a projection');
    const wanted = value === 1 || value === true ? 1 : value === 0 || value === false ? 0 : undefined;
    if (wanted === undefined) throw new TypeError(`Expected \`${at}\` of a projection to be 1 or 0`);
    written[at] = wanted;
    if (at === '_id') {
      withId = wanted === 1;
      continue;
    }
    const its = wanted === 1 ? 'include' : 'exclude';
    if (kind !== undefined && kind !== its) throw new TypeError('Expected a projection to be of 1 or of 0, got both');
    kind = its;
    if (paths.some((other) => overlap(path, other))) {
      throw new TypeError(`Expected a projection to name \`${at}\` once, got it twice`);
    }
    paths.push(path);
  }
  kind ??= withId === true ? 'include' : 'exclude';
  return { kind, paths, withId: withId ?? true, given: written };
}

/** The part of a document that a projection asks for. In arrays it is that of each element. */
export function project(document: PlainDocument, projection: Projection | undefined): PlainDocument {
  if (!projection) return document;
  const { kind, paths, withId } = projection;
  if (kind === 'exclude') return without(document, withId ? paths : [...paths, ['_id']]) as PlainDocument;
  const included = only(document, paths) as PlainDocument;
  return withId && '_id' in document ? { _id: document._id, ...included } : included;
}

const absent = Symbol('absent');

function only(value: unknown, paths: readonly Segments[]): unknown {
  if (paths.some((path) => path.length === 0)) return value;
  if (Array.isArray(value)) return value.map((each) => only(each, paths)).filter((each) => each !== absent);
  if (!isDocument(value)) return absent;
  const fields = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
    const inner = behind(paths, name);
    const part = inner.length === 0 ? absent : only(field, inner);
    return part === absent ? [] : [[name, part]];
  });
  return Object.fromEntries(fields);
}

function without(value: unknown, paths: readonly Segments[]): unknown {
  if (paths.length === 0) return value;
  if (Array.isArray(value)) return value.map((each) => without(each, paths));
  if (!isDocument(value)) return value;
  const fields = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
    const inner = behind(paths, name);
    return inner.some((path) => path.length === 0) ? [] : [[name, without(field, inner)]];
  });
  return Object.fromEntries(fields);
}

/** What paths that begin with a name go on with. */
function behind(paths: readonly Segments[], name: string): Segments[] {
  return paths.filter(([first]) => first === name).map((path) => path.slice(1));
}
