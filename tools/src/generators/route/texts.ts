import { sentenceCase } from '../../tree/names.ts';
import { singular, type Endpoint, type Kind } from './endpoint.ts';

/** What is written for an endpoint, by what it does: it works at once, and gives back what it got until somebody says more. */
interface Texts {
  readonly summary: string;
  /** The members of the operation besides id, method, path and summary. */
  readonly operation: string;
  readonly handler: string;
  /** The status that the test expects, and what it sends. */
  readonly status: number;
  readonly init: string;
  /** What the file with the handler imports. */
  readonly imports: Readonly<Record<string, readonly string[]>>;
  /** What the contract imports of its library, besides `defineOperation`. */
  readonly contractImports: readonly string[];
}

const name = 'name: z.string().min(1).max(100)';
const fieldsOf = (params: readonly string[]) => params.map((param) => `${param}: z.string()`);
const objectOf = (fields: readonly string[]) => `z.object({ ${fields.join(', ')} })`;
const plain = { status: 200, init: '', imports: {}, contractImports: [] };

/** What a route for this endpoint is made of. */
export function textsOf(endpoint: Endpoint): Texts {
  const { params, noun } = endpoint;
  const given =
    params.length > 0
      ? `params: z.object({ ${params.map((each) => `${each}: z.string().max(100)`).join(', ')} }),`
      : '';
  const success = (status: number, body: string) =>
    `success: { status: ${status}, description: 'The ${noun}', body: ${body} },`;
  const thing = objectOf(fieldsOf(params));
  const byKind: Record<Kind, () => Texts> = {
    list: () => ({
      ...plain,
      summary: `Each ${noun}, page by page`,
      operation: `${given} query: pageQuery(), success: { status: 200, description: 'A page', body: cursorPage(z.object({ id: z.string() })) },`,
      handler: '() => ({ items: [] })',
      contractImports: ['cursorPage', 'pageQuery'],
    }),
    read: () => ({
      ...plain,
      summary: `One ${noun}`,
      operation: `${given} ${success(200, thing)}`,
      handler: '({ params }) => params',
    }),
    create: () => ({
      ...plain,
      summary: `Make ${oneOf(noun)}`,
      operation: `${given} body: z.strictObject({ ${name} }), ${success(201, objectOf(['id: z.string()', 'name: z.string()']))} idempotencyKey: 'optional',`,
      handler: `({ ${params.length > 0 ? 'params, ' : ''}body }) => { const id = randomUUID(); return created(\`${locationOf(endpoint)}/\${id}\`, { id, ...body }); }`,
      status: 201,
      init: `{ method: 'POST', json: { name: 'first' } }`,
      imports: { 'node:crypto': ['randomUUID'], 'api-rest': ['created'] },
    }),
    change: () => ({
      ...plain,
      summary: `Change ${oneOf(noun)}`,
      operation: `${given} body: z.strictObject({ ${name} }), ${success(200, objectOf([...fieldsOf(params), 'name: z.string()']))}`,
      handler: params.length > 0 ? '({ params, body }) => ({ ...params, ...body })' : '({ body }) => body',
      init: `{ method: '${endpoint.method}', json: { name: 'other' } }`,
    }),
    remove: () => ({
      ...plain,
      summary: `Delete ${oneOf(noun)}`,
      operation: `${given} success: { status: 204, description: 'Deleted' },`,
      handler: '() => noContent()',
      status: 204,
      init: `{ method: 'DELETE' }`,
      imports: { 'api-rest': ['noContent'] },
    }),
    act: () => ({
      ...plain,
      summary: `${sentenceCase(endpoint.path.slice(endpoint.path.lastIndexOf('/') + 1))} ${oneOf(noun)}`,
      operation: `${given} ${success(200, thing)}`,
      handler: params.length > 0 ? '({ params }) => params' : '() => ({})',
      init: `{ method: 'POST' }`,
    }),
  };
  return byKind[endpoint.kind]();
}

/** The definition of the operation. */
export function operationText({ operation, method, path }: Endpoint, { summary, operation: rest }: Texts): string {
  return `export const ${operation} = defineOperation({ id: '${operation}',\n method: '${method}', path: '${path}', summary: '${summary}', ${rest} });`;
}

/** The element of the list of routes. */
export function routeText({ operation, method, path }: Endpoint, { handler }: Texts): string {
  return `\n// ${method} ${path}\nimplement(${operation}, ${handler})`;
}

/** A test of the route alone. */
export function testText(endpoint: Endpoint, { status, init }: Texts, scope: string, service: string): string {
  const path = endpoint.path.replace(/:[A-Za-z0-9]+/g, '7');
  return `import { requestRoutes } from '${scope}/api-rest/testing';
import { contract } from '${scope}/${service}-contract';
import { expect, test } from 'vitest';
import { ${endpoint.routes} } from './${endpoint.file}.ts';

test('${endpoint.method} ${endpoint.path} answers with ${status}', async () => {
  const { fetch } = requestRoutes({ contract, routes: ${endpoint.routes}() });
  expect((await fetch('${path}'${init && `, ${init}`})).status).toBe(${status});
});
`;
}

/** A noun with its article; a plural has none. */
function oneOf(noun: string): string {
  if (singular(noun) !== noun) return noun;
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

/** The path of the thing that was made, as it stands in a template literal. */
function locationOf({ path }: Endpoint): string {
  return path.replace(/:([A-Za-z0-9]+)/g, (_, param: string) => `\${params.${param}}`);
}
