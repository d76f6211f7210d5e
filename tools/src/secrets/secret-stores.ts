import type { Tree } from '@nx/devkit';
import { camelCase } from '../tree/names.ts';
import { projectsIn } from '../tree/projects.ts';
import { Refusal } from '../tree/refusal.ts';

/** An adapter of secrets: the scheme of its references, such as `vault`, and the name by which it is imported. */
export interface SecretStore {
  readonly scheme: string;
  readonly name: string;
  readonly variable: string;
}

const prefix = 'secrets-';

/**
 * The adapters of secrets that the workspace has under these schemes, each once, in the order given: it is theirs to say which
 * stores a service ships.
 *
 * @throws {Refusal} when there is none for a scheme.
 */
export function secretStores(tree: Tree, schemes: readonly string[], doing: string): SecretStore[] {
  const present = projectsIn(tree)
    .filter(({ layer, shortName }) => layer === 'adapter' && shortName.startsWith(prefix))
    .map(({ manifest, shortName }) => ({ scheme: shortName.slice(prefix.length), name: manifest.name }));
  return [...new Set(schemes)].map((scheme) => {
    const found = present.find((each) => each.scheme === scheme);
    if (found) return { ...found, variable: camelCase(scheme) };
    const known = present.map((each) => `\`${each.scheme}\``).sort();
    throw new Refusal(`${doing}: expected \`secrets\` to be some of ${known.join(', ')}, got \`${scheme}\`.`);
  });
}
