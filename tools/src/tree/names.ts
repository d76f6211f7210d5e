import { visitNotIgnoredFiles, type Tree } from '@nx/devkit';
import { projectsIn } from './projects.ts';
import { Refusal } from './refusal.ts';

/** A label of DNS has 63 characters (RFC 1123), of which Kubernetes appends up to 17 to the name of what makes pods. */
const longest = 40;

/** Words that no variable can be called. */
export const keywords: ReadonlySet<string> = new Set([
  ...['arguments', 'await', 'break', 'case', 'catch', 'class', 'const', 'continue', 'debugger', 'default', 'delete'],
  ...['do', 'else', 'enum', 'eval', 'export', 'extends', 'false', 'finally', 'for', 'function', 'if', 'implements'],
  ...['import', 'in', 'instanceof', 'interface', 'let', 'new', 'null', 'package', 'private', 'protected', 'public'],
  ...['return', 'static', 'super', 'switch', 'this', 'throw', 'true', 'try', 'typeof', 'var', 'void', 'while', 'with'],
  'yield',
]);

// A name becomes a folder, a package, an image, a host and, in camelCase, a variable of those who call it.
const reserved = new Set([
  ...keywords,
  ...[
    'apps',
    'bench',
    'contracts',
    'deploy',
    'dist',
    'docs',
    'framework',
    'libs',
    'node',
    'node-modules',
    'src',
    'test',
  ],
  // What a service's `main.ts` and `config.ts` speak of.
  ...['config', 'contract', 'ops', 'pages', 'rest', 'routes', 'runtime', 'service', 'settings', 'start', 'workspace'],
]);

/** Libraries that the framework has room for: a service of that name would be in their way. */
const libraries = new Set(['api-grpc', 'cloud', 'database', 'documents', 'messaging', 'payload', 'secrets', 'session']);

/** @throws {Refusal} when a name is not in kebab-case, or too long. */
export function checkKebabCase(name: string, such: string, doing: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new Refusal(`${doing}: expected a name in kebab-case such as \`${such}\`, got \`${name}\`.`);
  }
  if (name.length > longest) {
    throw new Refusal(`${doing}: expected a name of at most ${longest} characters, got ${name.length}.`);
  }
}

/**
 * Checks the name of something new.
 *
 * @param doing Begins the message, such as ``Cannot make the service `x` ``.
 * @param options.forLibrary Whether it is that of a library of the framework, for which some names are kept.
 * @throws {Refusal} when it is not in kebab-case, too long, reserved or taken.
 */
export function checkNewName(tree: Tree, name: string, doing: string, { forLibrary = false } = {}): void {
  checkKebabCase(name, 'parcel-service', doing);
  if (reserved.has(name) || (!forLibrary && libraries.has(name)))
    throw new Refusal(`${doing}: the name \`${name}\` is reserved. Choose another.`);
  if (name.endsWith('-contract')) {
    throw new Refusal(`${doing}: names that end in \`-contract\` are those of contract libraries. Choose another.`);
  }
  const taken = projectsIn(tree).find(({ shortName }) => shortName === name || shortName === `${name}-contract`);
  if (taken) throw new Refusal(`${doing}: the name is taken by ${taken.manifest.name} in ${taken.root}.`);
}

/**
 * Checks that a folder is free; what git ignores may lie there, such as what was built of something removed since.
 *
 * @throws {Refusal} naming a file that is there.
 */
export function checkNewFolder(tree: Tree, folder: string, doing: string): void {
  const files: string[] = [];
  visitNotIgnoredFiles(tree, folder, (file) => files.push(file));
  if (files.length === 0) return;
  throw new Refusal(
    `${doing}: there is something at ${folder} already: ${files[0]}. Move it away, or choose another name.`,
  );
}

/** `parcel-service` as `parcelService`. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `parcel-service` as `Parcel service`. */
export function sentenceCase(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');
}
