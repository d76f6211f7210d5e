import type { Tree } from '@nx/devkit';
import { sentenceCase } from '../tree/names.ts';
import { projectsIn, scopeOf } from '../tree/projects.ts';
import type { TemplateVariables } from './render-template.ts';

/** What the templates of a service are filled with: the rest is the same for all services of the workspace. */
export function templateVariables(
  tree: Tree,
  given: Pick<TemplateVariables, 'name' | 'version' | 'ports'> &
    Partial<Pick<TemplateVariables, 'database' | 'stores'>>,
): TemplateVariables {
  const contract = projectsIn(tree).find(({ shortName }) => shortName === 'contract');
  return {
    scope: scopeOf(tree),
    title: sentenceCase(given.name),
    zodVersion: contract?.manifest.dependencies?.zod ?? '*',
    database: false,
    stores: [],
    ...given,
  };
}
