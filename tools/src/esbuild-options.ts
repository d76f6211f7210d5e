import { join } from 'node:path';
import { writeDependencies } from './write-dependencies.ts';
import { readScope } from './workspace.ts';

// The options that the target `build` of an application hands to esbuild besides its own. Nothing is minified, so functions
// keep their names without `keepNames`, which costs a tenth of the start.
const workspaceRoot = join(import.meta.dirname, '../..');

// CommonJS packages inside an ES module bundle ask for these at run time.
const commonJsShim = [
  `import { createRequire as __createRequire } from 'node:module';`,
  `const require = __createRequire(import.meta.url);`,
  `const __filename = import.meta.filename;`,
  `const __dirname = import.meta.dirname;`,
].join(' ');

export const conditions = [`${readScope(workspaceRoot)}/source`];
// esbuild forgets to initialise a package that is imported at once here and lazily there, when the package declares itself
// free of side effects (seen with zod). Ignoring what packages declare costs 4 % of the bundle's size.
export const ignoreAnnotations = true;
export const mainFields = ['module', 'main'];
export const sourcesContent = false;
export const legalComments = 'none';
export const logLevel = 'warning';
export const banner = { js: commonJsShim };
export const plugins = [writeDependencies(workspaceRoot)];
