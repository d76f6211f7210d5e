import type { TargetConfiguration } from '@nx/devkit';
import { cached, command, type Place } from './place.ts';

export function bundle({ root, up }: Place): TargetConfiguration {
  return command(
    `node ${up}/tools/src/bundle.ts`,
    root,
    cached(
      [
        'production',
        '^production',
        '{workspaceRoot}/tsconfig.base.json',
        '{workspaceRoot}/tools/src/{bundle,bundled-packages,assets,workspace}.ts',
        { externalDependencies: ['esbuild', 'node'] },
      ],
      ['{projectRoot}/dist'],
    ),
  );
}

export function serve({ root, up, condition }: Place): TargetConfiguration {
  return command(`node ${up}/tools/src/serve.ts --conditions=${condition}`, root, { continuous: true });
}

/** The application together with the services that it calls. */
export function serveAll({ root, up }: Place): TargetConfiguration {
  return command(`node ${up}/tools/src/up/main.ts`, root, { continuous: true });
}

export function dockerBuild({ root, up }: Place): TargetConfiguration {
  return command(`node ${up}/tools/src/docker-build.ts`, root, { dependsOn: ['build'] });
}

/** A sub-command of the built file, with whatever follows on the command line. It asks a broker, so it is never a cache hit. */
export function subCommand({ root }: Place, name: string): TargetConfiguration {
  return command(`node dist/main.js ${name}`, root, { dependsOn: ['build'] });
}

/** The service's own command, from source, of which it writes some. It asks a database, so it is never a cache hit. */
export function migration({ root, condition }: Place): TargetConfiguration {
  return command(`node --conditions=${condition} src/main.ts migration`, root);
}

/** Fails when models and migrations do not agree, or one of these would break the version that still runs. */
export function migrationCheck({ root, condition }: Place): TargetConfiguration {
  return command(
    `node --conditions=${condition} src/main.ts migration check`,
    root,
    cached([
      'production',
      '^production',
      '{workspaceRoot}/tsconfig.base.json',
      { externalDependencies: ['drizzle-kit', 'drizzle-orm', 'libpg-query', 'node'] },
    ]),
  );
}

/** Renders what Kubernetes is told of an application: `deploy/base` and, the first time, its overlays. */
export function manifests({ root, up }: Place, ...options: string[]): TargetConfiguration {
  return command([`node ${up}/tools/src/manifests/main.ts`, ...options].join(' '), root, { dependsOn: ['build'] });
}

/** Fails when that would change a file. */
export function manifestsCheck(place: Place): TargetConfiguration {
  return {
    ...manifests(place, '--check'),
    ...cached([
      { dependentTasksOutputFiles: '**/main.js' },
      '{projectRoot}/deploy/**/*',
      '{projectRoot}/package.json',
      '{workspaceRoot}/package.json',
      '{workspaceRoot}/deploy/alerts/service.rules.yml',
      '{workspaceRoot}/tools/src/workspace.ts',
      '{workspaceRoot}/tools/src/manifests/*.ts',
      { externalDependencies: ['kubernetes-models', '@kubernetes-models/prometheus-operator', 'yaml', 'node'] },
    ]),
  };
}

/** The card of what an application has and lacks. It looks at what is there now, so it is never a cache hit. */
export function readiness({ root, up }: Place): TargetConfiguration {
  return command(`node ${up}/tools/src/readiness/main.ts`, root, { dependsOn: ['build'] });
}
