import type { GeneratorCallback, Tree } from '@nx/devkit';
import { nameInBuiltTest } from '../../tree/built-test.ts';
import { addDependencies } from '../../tree/dependencies.ts';
import { formatChanges } from '../../tree/format.ts';
import { lockPackages } from '../../tree/lockfile.ts';
import { camelCase } from '../../tree/names.ts';
import { checkContract } from '../../tree/documents.ts';
import { scopeOf, serviceIn, type ServiceProjects } from '../../tree/projects.ts';
import { Refusal } from '../../tree/refusal.ts';
import { declareClient } from './declare-client.ts';
import { openClient } from './open-client.ts';
import { clientTest } from './texts.ts';

export interface ConnectOptions {
  /** The service that calls. */
  readonly from: string;
  /** The service that is called. */
  readonly to: string;
}

/** One service calls another. */
export interface Connection {
  readonly scope: string;
  readonly caller: ServiceProjects;
  readonly called: ServiceProjects;
  /** What the called service is in code, such as `parcelService`. */
  readonly variable: string;
  /** What its environment variables begin with, such as `PARCEL_SERVICE`. */
  readonly prefix: string;
}

/**
 * Has one service call another: the dependency on its contract, the setting that says where it is, the client with its
 * health in `main.ts`, and a test. Twice is as good as once.
 *
 * @throws {Refusal} when a service would call itself, a contract cannot be run, or a file was shaped in another way; nothing is
 *   written then.
 */
export async function connect(tree: Tree, { from, to }: ConnectOptions): Promise<GeneratorCallback> {
  const doing = `Cannot connect ${from} to ${to}`;
  const caller = serviceIn(tree, from, doing);
  const called = serviceIn(tree, to, doing);
  if (caller.name === called.name) throw new Refusal(`${doing}: a service needs no client of itself.`);
  const connection: Connection = {
    scope: scopeOf(tree),
    caller,
    called,
    variable: camelCase(called.name),
    prefix: called.name.toUpperCase().replaceAll('-', '_'),
  };

  for (const { contract } of [called, caller]) checkContract(tree, contract.root, doing);
  addDependencies(tree, caller.app.root, [`${connection.scope}/api-client`, called.contract.manifest.name]);
  declareClient(tree, connection, doing);
  openClient(tree, connection, doing);
  const inTests = nameInBuiltTest(tree, caller.app.root, `${connection.prefix}_URL`, 'http://127.0.0.1:9');
  const test = `${caller.app.root}/src/${called.name}.test.ts`;
  if (!tree.exists(test)) tree.write(test, clientTest(connection));
  await formatChanges(tree);
  const changed = tree.listChanges().length > 0;
  const link = lockPackages(tree);
  return async () => {
    await link();
    console.log(
      changed ? next(connection, inTests) : `\n${caller.name} calls ${called.name} already. Nothing to do.\n`,
    );
  };
}

function next({ scope, caller, called, variable, prefix }: Connection, inTests: boolean): string {
  const untold = `  name ${prefix}_URL where ${caller.app.root}/test starts the built service in production\n`;
  return `
${caller.name} can call ${called.name}, at ${prefix}_URL. Next:

  call it: hand \`${variable}\` in ${caller.app.root}/src/main.ts to what needs it
  test that: \`fakeClient\` of ${scope}/api-client/testing takes its place, also in tests of routes that get it
${inTests ? '' : untold}  npx nx run-many -t lint typecheck test build e2e -p ${caller.name}
  npx nx up ${caller.name}        serves it together with all that it calls
`;
}
