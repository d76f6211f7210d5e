import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TargetConfiguration } from '@nx/devkit';
import {
  bundle,
  dockerBuild,
  manifests,
  manifestsCheck,
  migration,
  migrationCheck,
  readiness,
  serve,
  serveAll,
  subCommand,
} from './targets/application.ts';
import { alongside, endToEnd, lint, test, typecheck, wholeWorkspace } from './targets/checks.ts';
import { buildLibrary, compatibility, pack } from './targets/library.ts';
import type { Place } from './targets/place.ts';
import { readScope, type Project } from './workspace.ts';

/** What a project can do, inferred from where it lies and what its folder holds. */
export function targetsOf(workspaceRoot: string, project: Project): Record<string, TargetConfiguration> {
  const up = relative(join(workspaceRoot, project.root), workspaceRoot);
  const scope = readScope(workspaceRoot);
  const place = { ...project, up, condition: `${scope}/source` };
  const holds = (path: string) => existsSync(join(workspaceRoot, project.root, path));
  const isApplication = project.root.startsWith('apps/');
  // What is measured in `bench` is the bundle that would ship.
  const isBundled = isApplication || (project.layer === 'app' && holds('src/main.ts'));
  const hasMigrations = isApplication && holds('migrations');
  return {
    // Whatever looks at the code looks at its migrations.
    lint: { ...lint(place), ...(hasMigrations && { dependsOn: ['migration-check'] }) },
    ...(holds('tsconfig.json') && { typecheck: typecheck(place) }),
    ...(holds('src') && { test: test(place) }),
    ...(holds('test') && { e2e: endToEndOf(place) }),
    ...(holds('tsconfig.build.json') && { build: buildLibrary(place), pack: pack(place) }),
    ...(isBundled && { build: bundle(place) }),
    ...(project.layer === 'contract' && { compatibility: compatibility(place) }),
    ...(isApplication && {
      serve: serve(place),
      up: serveAll(place),
      'docker-build': dockerBuild(place),
      manifests: manifests(place),
      readiness: readiness(place),
    }),
    ...(isApplication &&
      `${scope}/messaging` in (project.manifest.dependencies ?? {}) && {
        'dead-letters': subCommand(place, 'dead-letters'),
        topology: subCommand(place, 'topology'),
      }),
    ...(isApplication &&
      `${scope}/database` in (project.manifest.dependencies ?? {}) && { migration: migration(place) }),
    ...(hasMigrations && { 'migration-check': migrationCheck(place) }),
    ...(isApplication && holds('deploy/base') && { 'manifests-check': manifestsCheck(place) }),
  };
}

/** Tests in `test`: of an application they run what was built, of a library what they start themselves, of the tools everything. */
function endToEndOf(place: Place): TargetConfiguration {
  if (place.layer === 'tool') return wholeWorkspace(place);
  return place.root.startsWith('apps/') ? endToEnd(place) : alongside(place);
}
