import { join } from 'node:path';
import type { GeneratorCallback, Tree } from '@nx/devkit';
import { renderFolder } from '../../templates/render-folder.ts';
import { lockPackages } from '../../tree/lockfile.ts';
import { checkNewFolder, checkNewName } from '../../tree/names.ts';
import { scopeOf } from '../../tree/projects.ts';
import { Refusal } from '../../tree/refusal.ts';
import { nameAdapter } from './name-adapter.ts';
import { namesOf } from './names-of.ts';

export interface LibraryOptions {
  /** In kebab-case; it names the folder and the package. */
  readonly name: string;
  readonly kind: 'port' | 'adapter' | 'shared';
  /** The port of an adapter. Default: the one that its name begins with. */
  readonly port?: string;
}

/**
 * Makes a library: a port with an embedded default and the suite of its adapters, an adapter that passes the suite of its port,
 * or what services share.
 *
 * @throws {Refusal} when the name cannot be used, the folder is taken, or there is no such port; nothing is written then.
 */
export async function library(tree: Tree, options: LibraryOptions): Promise<GeneratorCallback> {
  const { kind } = options;
  const doing = `Cannot make the ${kind === 'shared' ? 'shared library' : kind} \`${options.name}\``;
  if (options.port !== undefined && kind !== 'adapter') throw new Refusal(`${doing}: \`--port\` is for adapters.`);
  const { name, port, vendor } = kind === 'adapter' ? nameAdapter(tree, options, doing) : { ...options, vendor: '' };
  const root = `libs/${kind === 'shared' ? 'shared' : 'framework'}/${name}`;
  checkNewName(tree, name, doing);
  checkNewFolder(tree, root, doing);

  const scope = scopeOf(tree);
  const names = kind === 'shared' ? {} : namesOf(port ?? name, vendor, doing);
  const folder = join(import.meta.dirname, 'files', kind);
  const files = await renderFolder(tree.root, folder, root, { scope, name, port: port ?? '', vendor, ...names });
  for (const [path, text] of Object.entries(files)) tree.write(path, text);
  const link = lockPackages(tree);
  return async () => {
    await link();
    console.log(`
${scope}/${name} is in ${root}. Next:

  npx nx run-many -t lint typecheck test build -p ${name}
  ${nextSteps(kind, { scope, name, root }).join('\n  ')}
`);
  };
}

/** What its author does with it. */
function nextSteps(kind: LibraryOptions['kind'], { scope, name, root }: Record<'scope' | 'name' | 'root', string>) {
  const dependency = `"${scope}/${name}": "*" in apps/SERVICE/package.json, then npm install`;
  if (kind === 'shared') return [`npx nx graph --focus ${scope}/${name}`, dependency];
  if (kind === 'adapter') {
    const client = `npm install --save-exact --workspace ${root} CLIENT`;
    return [`${client}   # and its row in \`rooms\` of eslint.config.js`, dependency];
  }
  return [
    `npx nx test ${name}   # while you shape src/${name}.ts, and src/conformance.ts with it`,
    `npx nx g ${scope}/tools:library ${name}-VENDOR --kind adapter`,
  ];
}
