import type { TargetConfiguration } from '@nx/devkit';
import { cached, command, type Inputs, type Place } from './place.ts';

export function lint({ root, layer }: Place): TargetConfiguration {
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

export function typecheck({ root, up }: Place): TargetConfiguration {
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
export function test(place: Place): TargetConfiguration {
  return vitest(place, 'test', ['default', '^production']);
}

/** What runs against the built application. */
export function endToEnd(place: Place): TargetConfiguration {
  const image = ['{workspaceRoot}/tools/docker/*', '{workspaceRoot}/tools/src/docker-build.ts'];
  return { dependsOn: ['build'], ...vitest(place, 'e2e', ['code', '^production', ...image]) };
}

/** What a library tries on servers and processes that its tests start. */
export function alongside(place: Place): TargetConfiguration {
  return vitest(place, 'e2e', ['code', '^production']);
}

export function wholeWorkspace(place: Place): TargetConfiguration {
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
