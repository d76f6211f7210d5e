import type { GeneratorCallback, Tree } from '@nx/devkit';
import { lockPackages } from '../../tree/lockfile.ts';
import { scopeOf, serviceIn, servicesIn, type ServiceProjects } from '../../tree/projects.ts';
import { checkCommitted, checkResolved } from '../../upgrade/checks.ts';
import { applyChanges } from '../../upgrade/fork.ts';
import { describeConflicts, describeLeftovers, describeNext, describeStep } from '../../upgrade/report.ts';
import { upgradeServices, type Upgraded } from '../../upgrade/upgrade-services.ts';
import { readVersions, recordedVersion, versionsAhead } from '../../upgrade/versions.ts';

export interface UpgradeOptions {
  /** With or without its scope; every service that records a version when left out. */
  readonly service?: string;
}

/**
 * Takes services to the newest version, one version at a time: codemods, then the template's changes. Each step is shown; when
 * one fails, those before it and those of other services are written all the same, and the callback throws.
 *
 * @throws {Refusal} when a service has changes that are not committed, conflicts that are not resolved, or a version that this
 *   workspace does not know; nothing is written then.
 */
export async function upgrade(tree: Tree, { service }: UpgradeOptions): Promise<GeneratorCallback> {
  const doing = service === undefined ? 'Cannot upgrade the services' : `Cannot upgrade \`${service}\``;
  const services = service === undefined ? recordedServices(tree) : [serviceIn(tree, service, doing)];
  checkResolved(tree, services, doing);
  const versions = readVersions(tree.root);
  const plans = services.map((each) => ({ ...each, ahead: versionsAhead(versions, each) }));
  const behind = plans.filter(({ ahead }) => ahead.length > 0);
  if (behind.length === 0) {
    const names = plans.map((plan) => `${plan.name} (${recordedVersion(plan)})`).join(', ') || 'there is no service';
    return () => console.log(`\nNothing to do, all is in step with the template: ${names}.`);
  }
  checkCommitted(tree.root, behind, doing);

  const upgraded = await upgradeServices(tree, behind, versions, {
    show: (step) => console.log(describeStep(step)),
    // With `--dry-run` there is no callback to throw.
    fail: ({ name, to, reason }) => console.log(`\n${name} → ${to}\n  failed: ${reason}`),
  });
  applyChanges(upgraded.tree, tree);
  const link = lockPackages(tree);
  const again = `npx nx g ${scopeOf(tree)}/tools:upgrade${service === undefined ? '' : ` ${service}`}`;
  return async () => {
    await link();
    finish(upgraded, again);
  };
}

/** The services that were made from a template; what else there is was made by hand, and is left alone. */
function recordedServices(tree: Tree): ServiceProjects[] {
  const services = servicesIn(tree);
  for (const each of services.filter((candidate) => recordedVersion(candidate) === undefined)) {
    console.log(`\n${each.name} is left alone: its package.json records no version (\`nx.metadata.template\`).`);
  }
  return services.filter((each) => recordedVersion(each) !== undefined);
}

/** Says what is left to do; an exit code other than 0 says that there is something which must be. */
function finish({ steps, failures }: Upgraded, again: string): void {
  const leftovers = describeLeftovers(steps);
  if (leftovers) console.log(leftovers);
  const unfinished = [
    describeConflicts(steps, again),
    ...failures.map(({ name, to, reason }) => `Cannot upgrade \`${name}\` to ${to}: ${reason}.`),
  ];
  if (failures.length > 0) {
    unfinished.push(
      `Nothing of a step that failed was written; what is listed before it was, and is recorded. Mend it, commit, and ` +
        `\`${again}\` goes on from there.`,
    );
  }
  const message = unfinished.filter(Boolean).join('\n\n');
  if (message) throw new Error(message);
  console.log(describeNext(steps));
}
