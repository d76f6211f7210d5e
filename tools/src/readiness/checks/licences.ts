import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Package } from '../../bundled-packages.ts';
import { gap, ok, unknown } from '../row.ts';
import type { Check } from '../subject.ts';

/** Licences that ask for no more than their notice, by their SPDX identifiers. */
const permissive = new Set([
  ...['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'CC-BY-4.0', 'ISC', 'MIT'],
  ...['MIT-0', 'Python-2.0', 'Unlicense', 'WTFPL', 'Zlib'],
]);

/** Whether everything in the bundle has a licence that asks for no more than its notice. */
export const licences: Check = ({ folder, project }) => {
  const name = 'licences';
  const file = join(folder, 'dist/dependencies.json');
  if (!existsSync(file))
    return unknown(name, 'there is no dist/dependencies.json', `npx nx build ${project.shortName}`);
  const packages = JSON.parse(readFileSync(file, 'utf8')) as Package[];
  const others = packages.filter(({ license }) => !isPermissive(license));
  if (others.length === 0)
    return ok(name, `all ${packages.length} packages in the bundle are under permissive licences`);
  const shown = others.map((each) => `${each.name} ${each.version} (${each.license ?? 'no licence named'})`);
  return gap(name, `to be looked at: ${shown.join(', ')}`, `npm explain ${others[0]!.name}`);
};

/**
 * Whether a licence, or in an expression enough of them, is permissive. What is not understood is not.
 *
 * @see https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/
 */
export function isPermissive(expression: string | undefined): boolean {
  if (expression === undefined) return false;
  const inner = /^\((.*)\)$/.exec(expression.trim())?.[1] ?? expression.trim();
  if (/[()]/.test(inner)) return false;
  return inner.split(/ OR /i).some((each) => each.split(/ AND /i).every((one) => permissive.has(one.trim())));
}
