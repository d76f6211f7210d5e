import { compareSchemas, type Comparison, type Direction, type SchemaFault } from './compare-schemas.ts';
import {
  operationsOf,
  type Content,
  type DocumentedOperation,
  type Parameter,
  type Requirement,
} from './operations-of.ts';
import { isSame, resolve, type Components } from './schema.ts';

/** Something that a newer document no longer keeps. */
export interface Break {
  /** Method and path as the older document has them, such as `POST /orders`. */
  readonly operation: string;
  readonly operationId: string;
  /** Such as `request body /items/0/quantity`, where `*` stands for each item or key. */
  readonly place: string;
  /** What changed, as the end of a sentence that begins with the place. */
  readonly change: string;
}

interface Sides {
  readonly was: DocumentedOperation;
  readonly is: DocumentedOperation;
  readonly documents: { readonly before: Components; readonly after: Components };
}

interface Place {
  readonly place: string;
  readonly change: string;
}

/**
 * What a newer OpenAPI 3.1 document of a contract breaks for those who use the older one, operation by operation. A request
 * may come to be taken that was not, and an answer may say more in fields that clients do not know; all else is a break, and
 * so is what there is no rule for. Names of components, descriptions and examples do not count.
 */
export function compareOpenApi(before: Components, after: Components): Break[] {
  const newer = new Map(operationsOf(after).map((operation) => [operation.key, operation]));
  return operationsOf(before).flatMap((was) => {
    const is = newer.get(was.key);
    const places = is
      ? compareOperations({ was, is, documents: { before, after } })
      : [{ place: 'operation', change: 'is gone' }];
    return places.map((each) => ({ operation: was.title, operationId: was.id, ...each }));
  });
}

function compareOperations(sides: Sides): Place[] {
  return [...compareParameters(sides), ...compareBodies(sides), ...compareAnswers(sides), ...compareSecurity(sides)];
}

function compareParameters(sides: Sides): Place[] {
  const [older, newer] = [sides.was, sides.is].map(({ parameters, title }) => named(parameters, title)) as [
    Map<string, Parameter>,
    Map<string, Parameter>,
  ];
  const ofOlder = [...older].flatMap(([place, was]) => {
    const is = newer.get(place);
    if (!is) return [{ place, change: 'is no longer taken' }];
    const required = is.required && !was.required ? [{ place, change: 'is required now' }] : [];
    return [...required, ...schemas(sides, 'request', place, was.schema, manyOf(was, is, sides))];
  });
  const added = [...newer].filter(([place, { required }]) => required && !older.has(place));
  return [...ofOlder, ...added.map(([place]) => ({ place, change: 'is required now' }))];
}

/** A key of the query that may come more than once takes what comes once: `?tag=a` is a list of one. */
function manyOf(was: Parameter, is: Parameter, { documents }: Sides): unknown {
  const [older, newer] = [resolve(was.schema, documents.before), resolve(is.schema, documents.after)];
  const isList =
    is.in === 'query' && newer.type === 'array' && typeof older.type === 'string' && older.type !== 'array';
  return isList && Number(newer.minItems ?? 0) <= 1 ? newer.items : is.schema;
}

/** Parameters by place and name; those of the path by their position, since nobody sends their names. */
function named(parameters: readonly Parameter[], title: string): Map<string, Parameter> {
  const inPath = [...title.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name);
  return new Map(
    parameters.map((each) => [
      each.in === 'path' ? `path parameter ${inPath.indexOf(each.name) + 1}` : `${each.in} parameter \`${each.name}\``,
      each,
    ]),
  );
}

function compareBodies(sides: Sides): Place[] {
  const [was, is] = [sides.was.body, sides.is.body];
  const place = 'request body';
  if (!was) return is?.required ? [{ place, change: 'is required now' }] : [];
  if (!is) return [{ place, change: 'is no longer taken' }];
  const required = is.required && !was.required ? [{ place, change: 'is required now' }] : [];
  return [...required, ...contents(sides, 'request', place, was.content, is.content)];
}

function compareAnswers(sides: Sides): Place[] {
  const [was, is] = [sides.was.successes, sides.is.successes];
  const added = Object.keys(is).filter((status) => !(status in was));
  return [
    ...added.map((status) => ({ place: `answer ${status}`, change: 'may be there now, which clients do not know' })),
    ...Object.entries(was).flatMap(([status, answer]) => {
      const place = `answer ${status}`;
      const now = is[status];
      if (!now) return [{ place, change: 'is gone' }];
      return [
        ...Object.entries(answer.headers).flatMap(([name, schema]) => {
          const header = `${place} header \`${name}\``;
          if (!(name in now.headers)) return [{ place: header, change: 'is gone' }];
          return schemas(sides, 'response', header, schema, now.headers[name]);
        }),
        ...contents(sides, 'response', place, answer.content, now.content),
      ];
    }),
  ];
}

/** Whoever has what one of the older alternatives asks for must have what one of the newer ones does. */
function compareSecurity({ was, is, documents }: Sides): Place[] {
  const alternatives = (list: readonly Requirement[]) => (list.length > 0 ? list : [{}]);
  const satisfies = (has: Requirement, asked: Requirement) =>
    Object.entries(asked).every(([scheme, scopes]) =>
      Object.entries(has).some(
        ([own, granted]) =>
          isSame(sentBy(own, documents.before), sentBy(scheme, documents.after)) &&
          scopes.every((scope) => granted.includes(scope)),
      ),
    );
  const asked = alternatives(is.security);
  return alternatives(was.security)
    .filter((has) => !asked.some((each) => satisfies(has, each)))
    .map((has) => ({
      place: 'security',
      change: asked.some((each) => isSame(has, each))
        ? `${shownRequirement(has)} is another scheme now`
        : `${shownRequirement(has)} was enough, ${asked.map(shownRequirement).join(' or ')} is asked for now`,
    }));
}

/** What of a scheme decides on what a caller sends: not its name, which stands in the document alone. */
function sentBy(name: string, document: Components): unknown {
  const { securitySchemes } = (document.components ?? {}) as { securitySchemes?: Readonly<Record<string, unknown>> };
  const definition = securitySchemes?.[name];
  if (definition === undefined) return name;
  const { type, scheme, in: place, name: key } = resolve(definition, document);
  return { type, scheme, place, key };
}

function shownRequirement(requirement: Requirement): string {
  return Object.keys(requirement).length > 0 ? `\`${JSON.stringify(requirement)}\`` : 'nothing';
}

function contents(sides: Sides, direction: Direction, place: string, was: Content, is: Content): Place[] {
  const added = direction === 'response' ? Object.keys(is).filter((type) => !(type in was)) : [];
  return [
    ...added.map((type) => ({ place, change: `may be \`${type}\` now, which clients do not know` })),
    ...Object.entries(was).flatMap(([type, schema]) => {
      const now = direction === 'request' ? Object.keys(is).find((each) => isWithin(type, each)) : type;
      return now !== undefined && now in is
        ? schemas(sides, direction, place, schema, is[now])
        : [{ place, change: `\`${type}\` ${direction === 'request' ? 'is no longer taken' : 'is gone'}` }];
    }),
  ];
}

/** Whether a media type, or a range of them, is within another: `image/png` in `image/*` (RFC 9110 section 12.5.1). */
function isWithin(type: string, range: string): boolean {
  return type === range || range === '*/*' || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));
}

function schemas({ documents }: Sides, direction: Direction, place: string, was: unknown, is: unknown): Place[] {
  const comparison: Comparison = { direction, ...documents };
  const faults: SchemaFault[] = compareSchemas(was, is, comparison);
  return faults.map(({ path, text }) => ({ place: path === '' ? place : `${place} ${path}`, change: text }));
}
