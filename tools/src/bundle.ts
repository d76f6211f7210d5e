import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { assetsOf } from './assets.ts';
import { bundledFiles, packagesOf } from './bundled-packages.ts';
import { readProject, readProjects, readScope } from './workspace.ts';

// Run in the folder of an application: makes `dist`, which is what ships. `main.js` is one ES module with all of npm in it; beside
// it are its source map, the assets of its libraries, and `dependencies.json`, the packages of which something is in there.
const workspaceRoot = join(import.meta.dirname, '../..');
const application = readProject(workspaceRoot, relative(workspaceRoot, process.cwd()));
const projects = readProjects(workspaceRoot);

// What a library needs for development alone is an optional peer of it. It is imported lazily, and is not there where it ships.
const developmentPackages = projects.flatMap(({ manifest }) => Object.keys(manifest.peerDependenciesMeta ?? {}));

// CommonJS packages inside an ES module bundle ask for these at run time.
const commonJsShim = [
  `import { createRequire as __createRequire } from 'node:module';`,
  `const require = __createRequire(import.meta.url);`,
  `const __filename = import.meta.filename;`,
  `const __dirname = import.meta.dirname;`,
].join(' ');

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  // Paths in the source map are those of the workspace.
  absWorkingDir: workspaceRoot,
  entryPoints: [`${application.root}/src/main.ts`],
  outfile: `${application.root}/dist/main.js`,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  conditions: [`${readScope(workspaceRoot)}/source`],
  mainFields: ['module', 'main'],
  external: developmentPackages.flatMap((name) => [name, `${name}/*`]),
  // esbuild forgets to initialise a package that is imported at once here and lazily there, when the package declares itself
  // free of side effects (seen with zod). Ignoring what packages declare costs 4 % of the bundle's size.
  ignoreAnnotations: true,
  // Nothing is minified, so functions keep their names without `keepNames`, which costs a tenth of the start.
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  banner: { js: commonJsShim },
  metafile: true,
  logLevel: 'warning',
}).catch(() => process.exit(1)); // esbuild has said why.

const assets = assetsOf(application, projects);
for (const { from, to } of assets) cpSync(join(workspaceRoot, from), join('dist', to));
const packages = packagesOf(workspaceRoot, [...bundledFiles(metafile), ...assets.map(({ from }) => from)]);
writeJson('dependencies.json', packages);
// Without it Node reads the bundle twice to find out that it is an ES module.
const { name, version } = application.manifest;
writeJson('package.json', { name, version, private: true, type: 'module' });

function writeJson(file: string, content: unknown): void {
  writeFileSync(join('dist', file), `${JSON.stringify(content, undefined, 2)}\n`);
}
