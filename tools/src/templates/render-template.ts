import { join } from 'node:path';
import { renderFolder, type Files } from './render-folder.ts';

/** What the templates are filled with. */
export interface TemplateVariables {
  readonly scope: string;
  readonly name: string;
  readonly title: string;
  /** The version of the template. */
  readonly version: string;
  readonly zodVersion: string;
  readonly ports: Readonly<Record<string, number>>;
  /** Whether a new service is made with a database. Of one that is there, what it has is its team's. */
  readonly database: boolean;
  /** The stores of secrets that a new service is made with, by the schemes of their references. */
  readonly stores: readonly { readonly scheme: string }[];
}

/** Where a service and its contract lie. */
export interface Places {
  readonly service: string;
  readonly contract: string;
}

/**
 * Renders the two folders of a template, `service` and `contract`.
 *
 * @param folder Such as `tools/templates/1.0.0`.
 */
export async function renderTemplate(
  workspaceRoot: string,
  folder: string,
  places: Places,
  variables: TemplateVariables,
): Promise<Files> {
  const render = (kind: keyof Places) => renderFolder(workspaceRoot, join(folder, kind), places[kind], variables);
  return { ...(await render('service')), ...(await render('contract')) };
}
