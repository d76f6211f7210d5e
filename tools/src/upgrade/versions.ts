import { compareVersions, isVersion, templateVersions } from '../templates/versions.ts';
import type { ServiceProjects } from '../tree/projects.ts';
import { Refusal } from '../tree/refusal.ts';
import { codemodsIn, type Codemod } from './codemods.ts';

/** What a workspace has to upgrade services by. */
export interface Versions {
  /** The oldest first. */
  readonly templates: readonly string[];
  readonly codemods: readonly Codemod[];
}

export function readVersions(workspaceRoot: string): Versions {
  return { templates: templateVersions(workspaceRoot), codemods: codemodsIn(workspaceRoot) };
}

/** The version of the template that a service is in step with, as its `package.json` records it. */
export function recordedVersion({ app }: ServiceProjects): string | undefined {
  return app.manifest.nx?.metadata?.template;
}

/**
 * The versions that a service has yet to take, the oldest first.
 *
 * @throws {Refusal} when what it records is no version, one that this workspace does not know yet, or one before its templates.
 */
export function versionsAhead({ templates, codemods }: Versions, service: ServiceProjects): string[] {
  const recorded = recordedVersion(service);
  const file = `${service.app.root}/package.json`;
  const all = [...new Set([...templates, ...codemods.map(({ version }) => version)])].sort(compareVersions);
  const doing = `Cannot upgrade \`${service.name}\``;
  if (recorded === undefined || !isVersion(recorded)) {
    const found = recorded === undefined ? 'nothing' : `\`${recorded}\``;
    throw new Refusal(
      `${doing}: expected \`nx.metadata.template\` in ${file} to be the version of the template that it is in step with, ` +
        `one of ${all.join(', ')}; got ${found}.`,
    );
  }
  const newest = all.at(-1) ?? '0.0.0';
  if (compareVersions(recorded, newest) > 0) {
    throw new Refusal(
      `${doing}: ${file} records version ${recorded} of the template, but the newest in this workspace is ${newest}. ` +
        `Bring the workspace to a version that has it (docs/upgrading.md), or correct \`nx.metadata.template\`.`,
    );
  }
  if (templateUpTo(templates, recorded) === undefined) {
    throw new Refusal(
      `${doing}: ${file} records version ${recorded} of the template, but the oldest in tools/templates is ${templates[0]}. ` +
        `Upgrade it in a version of the workspace that has both.`,
    );
  }
  return all.filter((version) => compareVersions(version, recorded) > 0);
}

/** The newest version of the template that is not newer than the given one: the last that a service there has taken. */
export function templateUpTo(templates: readonly string[], version: string): string | undefined {
  return templates.filter((template) => compareVersions(template, version) <= 0).at(-1);
}
