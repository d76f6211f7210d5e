import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ServiceError } from '@org/errors';

interface Manifest {
  readonly name?: string;
  readonly nx?: { readonly metadata?: { readonly assets?: readonly string[] } };
}

/**
 * The path of a file that ships with a library: beside the bundle, `<directory>/assets/<library>/<file>`; from source,
 * where the library's `package.json` declares it in `nx.metadata.assets`, a path in the library or `npm:<package>/<file>`.
 *
 * @param directory `import.meta.dirname` of the module that asks.
 * @param library The library's package name without its scope.
 * @param file The file's name.
 * @throws {TypeError} when the library does not declare the file.
 * @throws {ServiceError} internal, ASSET_MISSING, when the file is not where it should be.
 */
export function assetPath(directory: string, library: string, file: string): string {
  const besideBundle = join(directory, 'assets', library);
  const path = existsSync(besideBundle) ? join(besideBundle, basename(file)) : sourcePath(directory, library, file);
  if (existsSync(path)) return path;
  const message = `Cannot find ${basename(file)} of ${library} at ${path}. Install the packages or build the service again.`;
  throw new ServiceError('internal', message, { reason: 'ASSET_MISSING' });
}

function sourcePath(directory: string, library: string, file: string): string {
  const { root, manifest } = findLibrary(directory, library);
  const declared = manifest.nx?.metadata?.assets ?? [];
  const asset = declared.find((entry) => basename(entry) === basename(file));
  if (asset === undefined) {
    const names = declared.map((entry) => basename(entry)).join(', ') || 'nothing';
    throw new TypeError(`Expected \`file\` to be an asset of ${library} (it declares ${names}), got \`${file}\``);
  }
  return asset.startsWith('npm:') ? packagePath(root, asset.slice('npm:'.length)) : join(root, asset);
}

/** Looks in `node_modules` upwards, as Node does, but past the `exports` of the package, which need not name the file. */
function packagePath(root: string, path: string): string {
  const candidates = ancestors(root).map((folder) => join(folder, 'node_modules', path));
  return candidates.find((candidate) => existsSync(candidate)) ?? join(root, 'node_modules', path);
}

function findLibrary(directory: string, library: string): { root: string; manifest: Manifest } {
  for (const root of ancestors(directory)) {
    const file = join(root, 'package.json');
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    if (manifest.name?.replace(/^@[^/]+\//, '') === library) return { root, manifest };
  }
  const message = `Cannot find the assets of ${library}: there is no assets/${library} in ${directory}, and no package.json of ${library} at or above it. Build the service again.`;
  throw new ServiceError('internal', message, { reason: 'ASSET_MISSING' });
}

/** The folder itself and all folders above it. */
function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}
