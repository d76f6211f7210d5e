import type { Tree } from '@nx/devkit';
import type { ServiceProjects } from '../tree/projects.ts';
import type { Files } from './render-folder.ts';
import { renderTemplate } from './render-template.ts';
import { templateVariables } from './template-variables.ts';

/**
 * What a folder of templates makes for a service that there is already, in the folders where it and its contract lie.
 *
 * @param version What the files say of the template's version.
 */
export async function renderForService(
  tree: Tree,
  folder: string,
  { name, app, contract }: ServiceProjects,
  version: string,
): Promise<Files> {
  // A transport that the service has given up is as absent from two versions of a template when both are told the same.
  const ports = { rest: 0, ops: 0, ...app.manifest.nx?.metadata?.ports };
  const variables = templateVariables(tree, { name, version, ports });
  const files = await renderTemplate(tree.root, folder, { service: app.root, contract: contract.root }, variables);
  // The document of a contract that has grown is made of the contract, and of no template.
  return Object.fromEntries(Object.entries(files).filter(([path]) => !path.endsWith('/src/openapi.json')));
}
