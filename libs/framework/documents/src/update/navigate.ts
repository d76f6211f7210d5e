import { isIndex, type Segments } from '../fields.ts';
import { isDocument } from '../values.ts';

/** Why an update cannot be made; the store says of what. */
export class Impossible extends Error {}

type Container = Record<string, unknown> | unknown[];

/** How many elements an index may leave empty before it. */
const maximumGap = 10_000;

/** What holds the last name of a path, made where it is missing. @throws {Impossible} when something else is in the way. */
export function reach(document: Record<string, unknown>, path: Segments): Container {
  let at: Container = document;
  for (const [depth, segment] of path.slice(0, -1).entries()) {
    assertName(at, segment, path.slice(0, depth));
    const next = read(at, segment);
    if (next === undefined) write(at, segment, {});
    else if (!isDocument(next) && !Array.isArray(next)) {
      throw new Impossible(`\`${path.slice(0, depth + 1).join('.')}\` is no embedded document`);
    }
    at = read(at, segment) as Container;
  }
  assertName(at, last(path), path.slice(0, -1));
  return at;
}

/** What holds the last name of a path, as far as it is there. */
export function find(document: Record<string, unknown>, path: Segments): Container | undefined {
  let at: unknown = document;
  for (const segment of path.slice(0, -1)) {
    if (!isContainer(at)) return undefined;
    at = read(at, segment);
  }
  return isContainer(at) ? at : undefined;
}

export function read(container: Container, name: string): unknown {
  if (Array.isArray(container)) return isIndex(name) ? container[Number(name)] : undefined;
  return Object.hasOwn(container, name) ? container[name] : undefined;
}

/** Elements that an index leaves out before it are `null`. */
export function write(container: Container, name: string, value: unknown): void {
  if (!Array.isArray(container)) {
    container[name] = value;
    return;
  }
  const index = Number(name);
  if (index - container.length > maximumGap)
    throw new Impossible(`the index ${index} is far behind the end of its array`);
  while (container.length < index) container.push(null);
  container[index] = value;
}

export function last(path: Segments): string {
  return path[path.length - 1] as string;
}

function isContainer(value: unknown): value is Container {
  return isDocument(value) || Array.isArray(value);
}

function assertName(container: Container, name: string, path: Segments): void {
  if (Array.isArray(container) && !isIndex(name)) {
    throw new Impossible(`\`${path.join('.')}\` is an array, of which \`${name}\` is no index`);
  }
}
