import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TargetConfiguration } from '@nx/devkit';
import { assetsOf } from './assets.ts';
import type { Manifest } from './workspace.ts';

export interface Project {
  workspaceRoot: string;
  /** The project's folder, relative to the workspace. */
  root: string;
  manifest: Manifest;
  /** The package's name without its scope. */
  shortName: string;
}

/** The `exports` condition under which packages of the workspace resolve to their TypeScript sources. */
const sourceCondition = '@org/source';

// CommonJS packages inside an ES module bundle ask for these at run time.
const commonJsShim = [
  `import { createRequire as __createRequire } from 'node:module';`,
  `const require = __createRequire(import.meta.url);`,
  `const __filename = import.meta.filename;`,
  `const __dirname = import.meta.dirname;`,
].join(' ');

/** What a project can do, inferred from where it lies and what its folder holds. */
export function targetsOf(project: Project): Record<string, TargetConfiguration> {
  const isApplication = project.root.startsWith('apps/');
  const isLibrary = project.root.startsWith('libs/');
  const holds = (path: string) => existsSync(join(project.workspaceRoot, project.root, path));
  return {
    lint: lint(project),
    ...(holds('tsconfig.json') && { typecheck: typecheck(project) }),
    ...(holds('src') && { test: test(project) }),
    ...(holds('test') && { e2e: endToEnd(project, isApplication) }),
    ...(isLibrary && holds('tsconfig.build.json') && { build: buildLibrary(project) }),
    ...(isApplication && {
      build: bundle(project),
      serve: serve(project),
      'docker-build': dockerBuild(project),
    }),
  };
}

function command(line: string, cwd: string, rest: Partial<TargetConfiguration> = {}): TargetConfiguration {
  return { executor: 'nx:run-commands', options: { command: line, cwd }, ...rest };
}

function cached(inputs: NonNullable<TargetConfiguration['inputs']>, outputs: string[] = []) {
  return { cache: true, inputs, outputs };
}

function lint({ root }: Project) {
  return command(
    `eslint ${root} && prettier --check --log-level warn ${root}`,
    '{workspaceRoot}',
    cached([
      'code',
      '^production',
      '{workspaceRoot}/eslint.config.js',
      '{workspaceRoot}/tools/src/lint/*',
      '{workspaceRoot}/.prettierrc.json',
      '{workspaceRoot}/.prettierignore',
      '{workspaceRoot}/.editorconfig',
      '{workspaceRoot}/tsconfig.base.json',
      { externalDependencies: ['eslint', 'typescript-eslint', '@nx/eslint-plugin', 'jsonc-eslint-parser', 'prettier'] },
    ]),
  );
}

function typecheck({ root }: Project) {
  return command(
    'tsc -p tsconfig.json',
    root,
    cached([
      'code',
      '^production',
      '{workspaceRoot}/tsconfig.base.json',
      { externalDependencies: ['typescript', '@types/node'] },
    ]),
  );
}

function vitest({ root, shortName, workspaceRoot }: Project, folder: 'src' | 'test') {
  const up = relative(join(workspaceRoot, root), workspaceRoot);
  const report = `.reports/${shortName}.${folder === 'src' ? 'test' : 'e2e'}.json`;
  return {
    line: `vitest run --root . --config ${up}/vitest.config.ts --dir ${folder} --reporter=default --reporter=json --outputFile.json=${up}/${report}`,
    outputs: [`{workspaceRoot}/${report}`],
    inputs: [
      '{workspaceRoot}/vitest.config.ts',
      '{workspaceRoot}/tsconfig.base.json',
      { env: 'CI' },
      { externalDependencies: ['vitest', 'vite', 'node'] },
    ],
  };
}

function test(project: Project) {
  const { line, inputs, outputs } = vitest(project, 'src');
  return command(line, project.root, cached(['default', '^production', ...inputs], outputs));
}

/** What runs against a built application, or against the workspace as a whole. */
function endToEnd(project: Project, isApplication: boolean) {
  const { line, inputs, outputs } = vitest(project, 'test');
  return command(
    line,
    project.root,
    isApplication
      ? { dependsOn: ['build'], ...cached(['default', '^production', ...inputs], outputs) }
      : cached(['workspace', ...inputs], outputs),
  );
}

function buildLibrary({ root, workspaceRoot }: Project) {
  const up = relative(join(workspaceRoot, root), workspaceRoot);
  return command(`tsc -p tsconfig.build.json && node ${up}/tools/src/publish-manifest.ts`, root, {
    dependsOn: ['^build'],
    ...cached(
      [
        'production',
        '^production',
        '{workspaceRoot}/tsconfig.base.json',
        '{workspaceRoot}/tsconfig.build.json',
        '{workspaceRoot}/tools/src/publish-manifest.ts',
        { externalDependencies: ['typescript', '@types/node'] },
      ],
      ['{projectRoot}/dist'],
    ),
  });
}

function bundle({ root, manifest, workspaceRoot }: Project): TargetConfiguration {
  return {
    executor: '@nx/esbuild:esbuild',
    options: {
      main: `${root}/src/main.ts`,
      outputPath: `${root}/dist`,
      outputFileName: 'main.js',
      tsConfig: `${root}/tsconfig.json`,
      platform: 'node',
      target: 'node24',
      format: ['esm'],
      bundle: true,
      thirdParty: true,
      skipTypeCheck: true,
      sourcemap: true,
      deleteOutputPath: true,
      assets: assetsOf(workspaceRoot, manifest),
      esbuildOptions: {
        conditions: [sourceCondition],
        mainFields: ['module', 'main'],
        sourcesContent: false,
        keepNames: true,
        legalComments: 'none',
        logLevel: 'warning',
        banner: { js: commonJsShim },
      },
    },
    ...cached(
      [
        'production',
        '^production',
        '{workspaceRoot}/tsconfig.base.json',
        '{workspaceRoot}/tools/src/targets.ts',
        { externalDependencies: ['esbuild', '@nx/esbuild'] },
      ],
      ['{projectRoot}/dist'],
    ),
  };
}

function serve({ root }: Project) {
  return command(
    `node --conditions=${sourceCondition} --enable-source-maps --watch --watch-preserve-output src/main.ts`,
    root,
    { continuous: true },
  );
}

function dockerBuild({ root, shortName, workspaceRoot }: Project) {
  const up = relative(join(workspaceRoot, root), workspaceRoot);
  return command(`node ${up}/tools/src/docker-build.ts ${shortName}`, root, { dependsOn: ['build'] });
}
