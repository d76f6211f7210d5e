import type { GeneratorCallback, Tree } from '@nx/devkit';
import { keepGreetings } from '../../database/keep-greetings.ts';
import { hasPlace } from '../../templates/has-place.ts';
import { renderTemplate } from '../../templates/render-template.ts';
import { templateVariables } from '../../templates/template-variables.ts';
import { keptFolder, newestTemplate, templatesFolder } from '../../templates/versions.ts';
import { openBroker } from '../../messages/open-broker.ts';
import { referToSecrets } from '../../secrets/refer-to-secrets.ts';
import { secretStores } from '../../secrets/secret-stores.ts';
import { formatChanges } from '../../tree/format.ts';
import { lockPackages } from '../../tree/lockfile.ts';
import { checkNewFolder, checkNewName } from '../../tree/names.ts';
import { freePorts } from '../../tree/ports.ts';
import { projectsIn, scopeOf, serviceIn } from '../../tree/projects.ts';

export interface ServiceOptions {
  /** In kebab-case; it names the folder, the package, the image, and the service in logs and metrics. */
  readonly name: string;
  /** Whether it opens a broker, and has the sub-commands for it. Default: it does not. */
  readonly broker?: boolean;
  /** Whether it opens a database, with a model and its migration. Default: it does not. */
  readonly database?: boolean;
  /** The stores that its variables may refer to, by their schemes, such as `vault`. Default: none. */
  readonly secrets?: readonly string[];
}

/**
 * Makes a service and its contract, from the newest version of the template.
 *
 * @throws {Refusal} when the name cannot be used, a folder is taken or there is no such store; nothing is written then.
 */
export async function service(tree: Tree, options: ServiceOptions): Promise<GeneratorCallback> {
  const { name, broker = false, database = false, secrets = [] } = options;
  const doing = `Cannot make the service \`${name}\``;
  const places = { service: `apps/${name}`, contract: `libs/contracts/${name}` };
  checkNewName(tree, name, doing);
  for (const folder of Object.values(places)) checkNewFolder(tree, folder, doing);

  const stores = secretStores(tree, secrets, doing);

  const version = newestTemplate(tree.root);
  const ports = freePorts(projectsIn(tree), ['rest', 'ops']);
  const variables = templateVariables(tree, { name, version, ports, database, stores });
  for (const folder of [`${templatesFolder(tree.root)}/${version}`, keptFolder(tree.root)]) {
    const files = await renderTemplate(tree.root, folder, places, variables);
    for (const [path, text] of Object.entries(files)) if (hasPlace(tree, path)) tree.write(path, text);
  }
  if (database) await keepGreetings(tree, variables, doing);
  if (broker) openBroker(tree, serviceIn(tree, name, doing), doing);
  if (stores.length > 0) referToSecrets(tree, serviceIn(tree, name, doing), stores);
  await formatChanges(tree);
  const link = lockPackages(tree);
  const scope = scopeOf(tree);
  return async () => {
    await link();
    console.log(`
${name} is in ${places.service}, its contract in ${places.contract}. REST on ${ports.rest}, ops on ${ports.ops}. Next:

  npx nx serve ${name}
  npx nx run-many -t lint typecheck test build e2e -p ${name} ${name}-contract
  npx nx g ${scope}/tools:route ${name} 'GET /things/:id'
${database ? `  npx nx g ${scope}/tools:model things --service ${name} count:integer\n` : ''}${broker ? messages(scope, name) : ''}`);
  };
}

function messages(scope: string, name: string): string {
  return `  npx nx g ${scope}/tools:event ${name} things.thing.happened.v1
  npx nx g ${scope}/tools:consumer ${name} orders.order.placed.v1
`;
}
