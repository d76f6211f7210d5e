import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ejs from 'ejs';
import { formatText } from '../tree/format.ts';

/** What the templates are filled with. */
export interface TemplateVariables {
  readonly scope: string;
  readonly name: string;
  readonly title: string;
  /** The version of the template. */
  readonly version: string;
  readonly zodVersion: string;
  readonly ports: Readonly<Record<string, number>>;
}

/** Files by their paths in the workspace. */
export type Files = Readonly<Record<string, string>>;

/**
 * Renders a folder of templates, `service` and `contract`, with EJS: the same files for the same variables, formatted.
 *
 * @param folder Such as `tools/templates/1.0.0`.
 */
export async function renderTemplate(
  workspaceRoot: string,
  folder: string,
  variables: TemplateVariables,
): Promise<Files> {
  const places = { service: `apps/${variables.name}`, contract: `libs/contracts/${variables.name}` };
  const files = Object.entries(places).flatMap(([kind, place]) =>
    globSync('**/*.ejs', { cwd: join(folder, kind) }).map((file) => ({
      path: `${place}/${file.replace(/\.ejs$/, '')}`,
      text: ejs.render(readFileSync(join(folder, kind, file), 'utf8'), variables, {}),
    })),
  );
  const formatted = await Promise.all(
    files.map(async ({ path, text }) => [path, await formatText(workspaceRoot, path, text)] as const),
  );
  return Object.fromEntries(formatted.sort(([a], [b]) => (a < b ? -1 : 1)));
}
