import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TargetConfiguration } from '@nx/devkit';
import { assetsOf } from './assets.ts';
import { readScope, type Project } from './workspace.ts';

type Inputs = NonNullable<TargetConfiguration['inputs']>;

/** A project, and where its commands find the workspace. */
interface Place extends Project {
  workspaceRoot: string;
  /** The way from the project's folder to the workspace's, such as `../../..`. */
  up: string;
  /** The `exports` condition under which packages of the workspace resolve to their TypeScript sources. */
  condition: string;
}

/** What a project can do, inferred from where it lies and what its folder holds. */
export function targetsOf(workspaceRoot: string, project: Project): Record<string, TargetConfiguration> {
  const up = relative(join(workspaceRoot, project.root), workspaceRoot);
  const place = { ...project, workspaceRoot, up, condition: `${readScope(workspaceRoot)}/source` };
  const holds = (path: string) => existsSync(join(workspaceRoot, project.root, path));
  const isApplication = project.root.startsWith('apps/');
  // What is measured in `bench` is the bundle that would ship.
  const isBundled = isApplication || (project.layer === 'app' && holds('src/main.ts'));
  return {
    lint: lint(place),
    ...(holds('tsconfig.json') && { typecheck: typecheck(place) }),
    ...(holds('src') && { test: test(place) }),
    ...(holds('test') && { e2e: isApplication ? endToEnd(place) : wholeWorkspace(place) }),
    ...(holds('tsconfig.build.json') && { build: buildLibrary(place) }),
    ...(isBundled && { build: bundle(place) }),
    ...(isApplication && { serve: serve(place), 'docker-build': dockerBuild(place) }),
  };
}

function command(line: string, cwd: string, rest: Partial<TargetConfiguration> = {}): TargetConfiguration {
  return { executor: 'nx:run-commands', options: { command: line, cwd }, ...rest };
}

function cached(inputs: Inputs, outputs: string[] = []) {
  return { cache: true, inputs, outputs };
}

function lint({ root, layer }: Place): TargetConfiguration {
  // The files beside the projects are nobody's: the tools look after them.
  const isTools = layer === 'tool';
  const formatted = [root, ...(isTools ? ['*.{js,ts,json,yml,yaml}', '.github', '.vscode'] : [])];
  return command(
    `eslint ${root} && prettier --check --no-error-on-unmatched-pattern --log-level warn ${formatted.map((pattern) => `"${pattern}"`).join(' ')}`,
    '.',
    cached([
      'code',
      '^production',
      '{workspaceRoot}/eslint.config.js',
      '{workspaceRoot}/tools/src/lint/*',
      '{workspaceRoot}/tools/src/workspace.ts',
      '{workspaceRoot}/.prettierrc.json',
      '{workspaceRoot}/.prettierignore',
      '{workspaceRoot}/.editorconfig',
      '{workspaceRoot}/tsconfig.base.json',
      ...(isTools
        ? [
            '{workspaceRoot}/*.{js,ts,json,yml,yaml}',
            '!{workspaceRoot}/package-lock.json',
            '{workspaceRoot}/.github/**/*',
            '{workspaceRoot}/.vscode/**/*',
          ]
        : []),
      {
        externalDependencies: [
          'eslint',
          'typescript-eslint',
          'typescript',
          '@types/node',
          '@nx/eslint-plugin',
          'jsonc-eslint-parser',
          'prettier',
        ],
      },
    ]),
  );
}

function typecheck({ root, up }: Place): TargetConfiguration {
  return command(
    // The compiler's native port checks twice as fast. It has no API, so lint and builds have the other one; both are named by
    // their path, since both packages call their program `tsc`.
    `node ${up}/node_modules/typescript-native/bin/tsc -p tsconfig.json`,
    root,
    cached([
      'code',
      '^production',
      '{workspaceRoot}/tsconfig.base.json',
      { externalDependencies: ['typescript-native', '@types/node'] },
    ]),
  );
}

/** The tests beside the code, and the example of the README. */
function test(place: Place): TargetConfiguration {
  return vitest(place, 'test', ['default', '^production']);
}

/** What runs against the built application. */
function endToEnd(place: Place): TargetConfiguration {
  const image = ['{workspaceRoot}/tools/docker/*', '{workspaceRoot}/tools/src/docker-build.ts'];
  return { dependsOn: ['build'], ...vitest(place, 'e2e', ['code', '^production', ...image]) };
}

function wholeWorkspace(place: Place): TargetConfiguration {
  return vitest(place, 'e2e', ['workspace']);
}

function vitest({ root, shortName, up, manifest }: Place, target: 'test' | 'e2e', inputs: Inputs): TargetConfiguration {
  const report = `.reports/${shortName}.${target}.json`;
  const needs = manifest.nx?.metadata?.needs ?? [];
  return command(
    [
      `vitest run --root . --config ${up}/vitest.config.ts --dir ${target === 'test' ? 'src' : 'test'}`,
      `--reporter=default --reporter=json --outputFile.json=${up}/${report}`,
    ].join(' '),
    root,
    cached(
      [
        ...inputs,
        '{workspaceRoot}/vitest.config.ts',
        '{workspaceRoot}/tsconfig.base.json',
        { env: 'CI' },
        // A test that was skipped for want of something must run again once it is there.
        ...(needs.length > 0 ? [{ runtime: `node tools/src/needs.ts ${needs.join(' ')}` }] : []),
        { externalDependencies: ['vitest', 'vite', 'node'] },
      ],
      [`{workspaceRoot}/${report}`],
    ),
  );
}

function buildLibrary({ root, up }: Place): TargetConfiguration {
  return command(`node ${up}/tools/src/build-library.ts`, root, {
    dependsOn: ['^build'],
    ...cached(
      [
        'production',
        '^production',
        '{workspaceRoot}/tsconfig.base.json',
        '{workspaceRoot}/tsconfig.build.json',
        '{workspaceRoot}/tools/src/{build-library,publish-manifest,workspace}.ts',
        { externalDependencies: ['typescript', '@types/node'] },
      ],
      ['{projectRoot}/dist'],
    ),
  });
}

function bundle(place: Place): TargetConfiguration {
  const { root, workspaceRoot } = place;
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
      assets: assetsOf(workspaceRoot, place),
      // What comes from node_modules is ignored by git.
      includeIgnoredAssetFiles: true,
      esbuildConfig: 'tools/src/esbuild-options.ts',
    },
    ...cached(
      [
        'production',
        '^production',
        '{workspaceRoot}/tsconfig.base.json',
        '{workspaceRoot}/tools/src/{esbuild-options,write-dependencies,assets,workspace}.ts',
        { externalDependencies: ['esbuild', '@nx/esbuild'] },
      ],
      ['{projectRoot}/dist'],
    ),
  };
}

function serve({ root, up, condition }: Place): TargetConfiguration {
  return command(`node ${up}/tools/src/serve.ts --conditions=${condition}`, root, { continuous: true });
}

function dockerBuild({ root, up }: Place): TargetConfiguration {
  return command(`node ${up}/tools/src/docker-build.ts`, root, { dependsOn: ['build'] });
}
