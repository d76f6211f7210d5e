import { resolve, type Components, type Schema } from './schema.ts';

export interface Parameter {
  /** Such as `query` or `header`. */
  readonly in: string;
  readonly name: string;
  readonly required: boolean;
  readonly schema: unknown;
}

/** The bodies that something may have, by media type. */
export type Content = Readonly<Record<string, unknown>>;

/** One operation of a document, with all references but those of schemas followed. */
export interface DocumentedOperation {
  /** Method and path, without the names of the path's parameters: `GET /orders/{}`. */
  readonly key: string;
  /** Method and path as they are written, such as `GET /orders/{id}`. */
  readonly title: string;
  readonly id: string;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly required: boolean; readonly content: Content } | undefined;
  /** The successes, 2xx and 3xx, by status. */
  readonly successes: Readonly<Record<string, { readonly headers: Content; readonly content: Content }>>;
  /** Alternatives of what a caller needs, each scheme with its scopes; `[{}]` is nothing. */
  readonly security: readonly Requirement[];
}

/** Scopes by the names of the schemes. */
export type Requirement = Readonly<Record<string, readonly string[]>>;

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];

/** The operations of an OpenAPI document of version 3.1. */
export function operationsOf(document: Components): DocumentedOperation[] {
  const paths = (document.paths ?? {}) as Record<string, Record<string, Schema>>;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => methods.includes(method))
      .map(([method, operation]) => operationOf(document, { path, method, item, operation })),
  );
}

interface Found {
  readonly path: string;
  readonly method: string;
  readonly item: Readonly<Record<string, unknown>>;
  readonly operation: Schema;
}

function operationOf(document: Components, { path, method, item, operation }: Found): DocumentedOperation {
  const listed = [...((item.parameters ?? []) as unknown[]), ...((operation.parameters ?? []) as unknown[])];
  const body = operation.requestBody === undefined ? undefined : resolve(operation.requestBody, document);
  const responses = Object.entries((operation.responses ?? {}) as Record<string, unknown>);
  const successes = responses
    .filter(([status]) => /^[23]/.test(status))
    .map(([status, response]) => [status, responseOf(document, response)] as const);
  return {
    key: `${method.toUpperCase()} ${path.replace(/\{[^}]*\}/g, '{}')}`,
    title: `${method.toUpperCase()} ${path}`,
    id: typeof operation.operationId === 'string' ? operation.operationId : '',
    parameters: listed.map((each) => parameterOf(resolve(each, document))),
    body: body && { required: body.required === true, content: contentOf(body.content) },
    successes: Object.fromEntries(successes),
    security: (operation.security ?? document.security ?? [{}]) as Requirement[],
  };
}

function parameterOf({ in: place, name, required, schema, content }: Schema): Parameter {
  const [only] = Object.values(contentOf(content));
  return { in: String(place), name: String(name), required: required === true, schema: schema ?? only };
}

function responseOf(document: Components, response: unknown): { headers: Content; content: Content } {
  const { headers = {}, content } = resolve(response, document);
  const schemas = Object.entries(headers as Record<string, unknown>).map(([name, header]) => [
    name.toLowerCase(),
    resolve(header, document).schema,
  ]);
  return { headers: Object.fromEntries(schemas) as Content, content: contentOf(content) };
}

function contentOf(content: unknown): Content {
  const entries = Object.entries((content ?? {}) as Record<string, { schema?: unknown }>);
  return Object.fromEntries(entries.map(([mediaType, { schema }]) => [mediaType, schema]));
}
