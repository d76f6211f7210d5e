import type { Tree } from '@nx/devkit';
import { projectsIn, servicesIn } from '../../tree/projects.ts';
import { Refusal } from '../../tree/refusal.ts';
import { withoutScope, type Project } from '../../workspace.ts';

/**
 * What goes with a name: a service and its contract, or a library.
 *
 * @throws {Refusal} when nothing that can go has the name, or it is that of a service's contract.
 */
export function projectsToRemove(tree: Tree, name: string, doing: string): Project[] {
  const services = servicesIn(tree);
  const service = services.find((each) => each.name === withoutScope(name));
  if (service) return [service.app, service.contract];
  const owner = services.find(({ contract }) => contract.shortName === withoutScope(name));
  if (owner) throw new Refusal(`${doing}: a contract goes with its service. Remove \`${owner.name}\`.`);

  const removable = projectsIn(tree).filter(({ root }) => /^(apps|libs)\//.test(root));
  const found = removable.find(({ shortName }) => shortName === withoutScope(name));
  if (found) return [found];
  const contracts = services.map(({ contract }) => contract.root);
  const names = removable.filter(({ root }) => !contracts.includes(root)).map(({ shortName }) => `\`${shortName}\``);
  throw new Refusal(`${doing}: there is nothing of that name in apps and libs. There is: ${names.join(', ')}.`);
}
