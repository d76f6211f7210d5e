/** The names in a path such as `/orders/:id/items/:item`, as a union of strings. */
export type PathParameter<Path extends string> = Path extends `${string}/:${infer Name}/${infer Rest}`
  ? Name | PathParameter<`/${Rest}`>
  : Path extends `${string}/:${infer Name}`
    ? Name
    : never;

const pathPattern = /^\/$|^(\/([\w.~-]+|:[A-Za-z]\w*))+$/;

/** The names in a path, in their order. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
}

/**
 * Refuses a path that is not made of plain segments and `:name`s.
 *
 * @throws {TypeError} also when a name occurs twice.
 */
export function assertPath(path: string): void {
  if (!pathPattern.test(path)) {
    throw new TypeError(`Expected \`path\` to be segments such as \`/orders/:id\`, got \`${path}\``);
  }
  const names = pathParameters(path);
  if (new Set(names).size < names.length) {
    throw new TypeError(`Expected each name in \`path\` to occur once, got \`${path}\``);
  }
}

/** What two paths have in common that match the same requests: the names are left out. */
export function pathShape(path: string): string {
  return path.replaceAll(/:\w+/g, ':');
}

/** The path as OpenAPI writes it: `/orders/{id}`. */
export function openApiPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}
