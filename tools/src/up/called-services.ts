import type { Project } from '../workspace.ts';

/**
 * An application and all that it calls, and that these call: whoever depends on the contract of another calls it.
 *
 * @returns the application first.
 */
export function calledServices(projects: readonly Project[], application: Project): Project[] {
  const byContract = new Map<string, Project>(
    projects
      .filter(({ root }) => root.startsWith('apps/'))
      .map((project) => [`${project.manifest.name}-contract`, project]),
  );
  const found = new Set([application]);
  // A set may grow while it is walked: what is added is visited later.
  for (const { manifest } of found) {
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      const called = byContract.get(dependency);
      if (called) found.add(called);
    }
  }
  return [...found];
}
