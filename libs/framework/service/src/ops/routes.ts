import type { OpsHandler } from '@org/runtime';

/** A handler that matches, and what stood in the places of its pattern's names. */
export interface OpsMatch {
  readonly handler: OpsHandler;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The endpoints of the ops port. */
export interface OpsRoutes {
  /** @throws {TypeError} when a method and path are already taken. */
  add(handlers: readonly OpsHandler[]): void;
  match(method: string, path: string): OpsMatch | undefined;
  /** The methods that a path has, HEAD with GET; empty when there is nothing at it. */
  methodsOf(path: string): readonly string[];
  list(): readonly OpsHandler[];
}

/** Makes an empty table of endpoints. Exact paths are found before patterns. */
export function createOpsRoutes(): OpsRoutes {
  const exact = new Map<string, OpsHandler>();
  const patterns: { handler: OpsHandler; pattern: URLPattern }[] = [];
  const list = () => [...exact.values(), ...patterns.map(({ handler }) => handler)];

  const match = (method: string, path: string): OpsMatch | undefined => {
    const handler = exact.get(`${method} ${path}`);
    if (handler) return { handler, parameters: {} };
    for (const candidate of patterns) {
      if (candidate.handler.method !== method) continue;
      const groups = candidate.pattern.exec({ pathname: path })?.pathname.groups;
      if (groups) return { handler: candidate.handler, parameters: decoded(groups) };
    }
    return undefined;
  };
  return {
    add(handlers) {
      for (const handler of handlers) {
        const { method, path } = handler;
        if (list().some((other) => other.method === method && other.path === path)) {
          throw new TypeError(
            `Expected each endpoint of the ops port to be given once, got \`${method} ${path}\` again`,
          );
        }
        if (path.includes(':')) patterns.push({ handler, pattern: new URLPattern({ pathname: path }) });
        else exact.set(`${method} ${path}`, handler);
      }
    },
    match,
    methodsOf: (path) =>
      ['GET', 'PUT', 'POST', 'DELETE']
        .filter((method) => match(method, path))
        .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
    list,
  };
}

function decoded(groups: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, text = '']) => [name, decodeText(text)]));
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
