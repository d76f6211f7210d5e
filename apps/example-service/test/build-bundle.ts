import { join } from 'node:path';
import { temporaryDirectory, type TemporaryDirectory } from '@org/testing';
import { build } from 'esbuild';

// What CommonJS packages inside an ES module bundle ask for at run time.
const commonJsShim = [
  `import { createRequire as __createRequire } from 'node:module';`,
  `const require = __createRequire(import.meta.url);`,
  `const __filename = import.meta.filename;`,
  `const __dirname = import.meta.dirname;`,
].join(' ');

/** A bundle in a folder of its own, which is deleted when it is disposed. */
export interface Bundle extends AsyncDisposable {
  readonly file: string;
}

/** Bundles a service of tests as the target `build` bundles a service, so that the tests run what ships. */
export async function buildBundle(main: string): Promise<Bundle> {
  const directory: TemporaryDirectory = await temporaryDirectory();
  // Node takes a file by this name for an ES module.
  const file = join(directory.path, 'main.mjs');
  await build({
    entryPoints: [main],
    outfile: file,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    bundle: true,
    conditions: ['@org/source'],
    external: ['drizzle-kit', 'drizzle-kit/*', 'libpg-query'],
    ignoreAnnotations: true,
    mainFields: ['module', 'main'],
    legalComments: 'none',
    logLevel: 'warning',
    banner: { js: commonJsShim },
  });
  return { file, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}
