import type { GeneratorCallback, Tree } from '@nx/devkit';
import { addElement, addImport } from '../../edit/add.ts';
import { editFile } from '../../edit/edit-file.ts';
import { formatChanges } from '../../tree/format.ts';
import { writeOpenApi } from '../../tree/documents.ts';
import { scopeOf, serviceIn } from '../../tree/projects.ts';
import { Refusal } from '../../tree/refusal.ts';
import { routesFunctionOf, serveRoutes } from './edit-application.ts';
import { addOperation, findOperation } from './edit-contract.ts';
import { parseEndpoint, type Endpoint } from './endpoint.ts';
import { operationText, routeText, testText, textsOf } from './texts.ts';

export interface RouteOptions {
  readonly service: string;
  /** Method and path, such as `GET /parcels/:id`. */
  readonly endpoint: string;
  /** The operation's id. Default: made of method and path. */
  readonly operation?: string;
}

/**
 * Adds an endpoint to a service: the operation to its contract, with the document; the handler; a test of it.
 *
 * @throws {Refusal} when the contract has that operation otherwise, or a file was shaped in another way; nothing is
 *   written then.
 */
export async function route(tree: Tree, options: RouteOptions): Promise<GeneratorCallback> {
  const doing = `Cannot add \`${options.endpoint}\` to ${options.service}`;
  const { name, app, contract } = serviceIn(tree, options.service, doing);
  const endpoint = parseEndpoint(options.endpoint, options.operation, doing);
  const { operation: id, method, path } = endpoint;
  const scope = scopeOf(tree);
  const present = findOperation(tree, contract.root, id);
  if (present !== undefined) {
    if (present.includes(`'${method}'`) && present.includes(`'${path}'`)) {
      return () => console.log(`\n${name} has ${method} ${path} already, as \`${id}\`. Nothing to do.\n`);
    }
    throw new Refusal(`${doing}: its contract has another \`${id}\`. Say what this one is called with --operation.`);
  }

  const texts = textsOf(endpoint);
  const text = operationText(endpoint, texts);
  addOperation(tree, contract.root, scope, { id, text, imports: texts.contractImports }, doing);
  const tested = addRoute(tree, app.root, { name, scope, endpoint }, doing);
  await formatChanges(tree);
  writeOpenApi(tree, contract.root, doing);
  return () => {
    const untested = `  its routes take arguments, so its test is yours: apps/${name}/src/routes/${endpoint.file}.test.ts\n`;
    console.log(`
${name} answers ${method} ${path}, for now with a placeholder. Next:

  say what it promises: \`${id}\` in ${contract.root}/src/operations.ts
  have it do that: apps/${name}/src/routes/${endpoint.file}.ts
${tested ? '' : untested}  npx nx run-many -t lint typecheck test build e2e -p ${name} ${name}-contract
`);
  };
}

interface AddedRoute {
  readonly name: string;
  readonly scope: string;
  readonly endpoint: Endpoint;
}

/** Adds the handler, and its test where nothing has to be made for it; whether there is one. */
function addRoute(tree: Tree, root: string, { name, scope, endpoint }: AddedRoute, doing: string): boolean {
  const texts = textsOf(endpoint);
  const file = `${root}/src/routes/${endpoint.file}.ts`;
  const isNew = !tree.exists(file);
  if (isNew) {
    tree.write(file, `\nexport const ${endpoint.routes} = () => [];\n`);
    serveRoutes(tree, root, { name: endpoint.routes, from: `./routes/${endpoint.file}.ts` }, doing);
  }
  const line = routeText(endpoint, texts);
  const routes = routesFunctionOf(tree, file, [line.trim()], doing);
  const imports = {
    ...texts.imports,
    'api-rest': ['implement', ...(texts.imports['api-rest'] ?? [])],
    [`${name}-contract`]: [endpoint.operation],
  };
  editFile(tree, file, (source) => [
    ...Object.entries(imports).flatMap(([from, names]) =>
      addImport(source, from.startsWith('node:') ? from : `${scope}/${from}`, names),
    ),
    addElement(routes.list, line),
  ]);
  if (routes.takesArguments) return false;
  const kebab = endpoint.operation.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const test = `${root}/src/routes/${kebab}.test.ts`;
  if (!tree.exists(test)) tree.write(test, testText({ ...endpoint, routes: routes.name }, texts, scope, name));
  return true;
}
