import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ejs from 'ejs';
import { formatText } from '../tree/format.ts';

/** Texts by their paths in the workspace. */
export type Files = Readonly<Record<string, string>>;

/**
 * Renders a folder of templates with EJS, formatted: the same files for the same variables. `__name__` in the path of a
 * file stands for that variable too.
 *
 * @param root Where the files go, such as `libs/framework/parcels`.
 */
export async function renderFolder(
  workspaceRoot: string,
  folder: string,
  root: string,
  variables: ejs.Data,
): Promise<Files> {
  const rendered = globSync('**/*.ejs', { cwd: folder })
    .sort()
    .map(async (file) => {
      const name = file.replace(/\.ejs$/, '').replace(/__(\w+?)__/g, (_, key: string) => String(variables[key]));
      const text = ejs.render(readFileSync(join(folder, file), 'utf8'), variables, {});
      return [`${root}/${name}`, await formatText(workspaceRoot, `${root}/${name}`, text)] as const;
    });
  return Object.fromEntries(await Promise.all(rendered));
}
