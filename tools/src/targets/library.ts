import type { TargetConfiguration } from '@nx/devkit';
import { cached, command, type Place } from './place.ts';

export function buildLibrary({ root, up }: Place): TargetConfiguration {
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

/** Makes `dist` a whole package, and fails when no consumer could use it. Before each publication, so never cached. */
export function pack({ root, up }: Place): TargetConfiguration {
  return command(`node ${up}/tools/src/pack/main.ts`, root, { dependsOn: ['build'] });
}

/** Whether the promises of the base branch are kept. It depends on git's history, so it is never a cache hit. */
export function compatibility({ root, up }: Place): TargetConfiguration {
  return command(`node ${up}/tools/src/compatibility/main.ts`, root);
}
