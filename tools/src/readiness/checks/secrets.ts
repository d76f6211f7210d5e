import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { gap, ok } from '../row.ts';
import type { Check } from '../subject.ts';

/** Whether no file that is deployed holds the value of a secret: they come by reference alone. */
export const secrets: Check = ({ folder, project, description }) => {
  const name = 'secrets by reference';
  const manifests = `npx nx manifests ${project.shortName}`;
  const variables = description.settings.fragments.flatMap((fragment) => fragment.variables);
  const secret = variables.filter((variable) => variable.secret).map((variable) => variable.name);
  const deploy = join(folder, 'deploy');
  if (!existsSync(deploy)) return gap(name, 'there are no manifests to look at', manifests);
  const files = readdirSync(deploy, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const literal = files.flatMap((file) => {
    const given = literals(readFileSync(file, 'utf8'));
    const found = given.filter((each) => each === password || secret.includes(each));
    return [...new Set(found)].map((each) => `${each} in ${relative(folder, file)}`);
  });
  if (literal.length > 0) return gap(name, `a value stands in the manifests: ${literal.join(', ')}`, manifests);
  return ok(name, `no value of its ${secret.length} secret settings in ${files.length} files of deploy`);
};

/** What a URL with a user's password in it is called, whichever variable has it. */
const password = 'a password in a URL';

/**
 * What a text gives a value: variables assigned with `=`, in whatever kind of file, list or command line; what YAML or JSON
 * gives one, also within a text, as patches are. Comments give none.
 */
export function literals(text: string): string[] {
  const said = text.replaceAll(/^\s*#.*$/gm, '');
  const assigned = [...said.matchAll(/\b([A-Z][A-Z0-9_]*)=["']?([^\s"',]*)/g)]
    .filter(([, , value]) => isLiteral(value))
    .map(([, variable]) => variable!);
  const urls = [...said.matchAll(/\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*:([^\s/@"']+)@/gi)];
  return [...assigned, ...urls.filter(([, value]) => isLiteral(value)).map(() => password), ...givenIn(said)];
}

function givenIn(node: unknown): string[] {
  if (typeof node === 'string') return parsed(node).flatMap(givenIn);
  if (typeof node !== 'object' || node === null) return [];
  const { name, path, value } = node as Record<string, unknown>;
  // An entry of `env`, and an operation of a JSON patch (RFC 6902).
  const named = isLiteral(value) ? [name, String(path).split('/').at(-1)] : [];
  // A key of a ConfigMap or a Secret, wherever it stands.
  const keys = Object.entries(node).filter(([, inner]) => isLiteral(inner));
  return [
    ...named.filter((each) => typeof each === 'string'),
    ...keys.map(([key]) => key),
    ...Object.values(node).flatMap(givenIn),
  ];
}

/** The objects and lists that a text holds, if it is YAML. */
function parsed(text: string): object[] {
  if (!/\n|^\s*[[{]/.test(text)) return [];
  try {
    return parseAllDocuments(text, { logLevel: 'silent' })
      .map((document) => document.toJS() as unknown)
      .filter((value): value is object => typeof value === 'object' && value !== null);
  } catch {
    return [];
  }
}

/** Neither empty, nor a reference to a store, nor what something else fills in: `$(NAME)`, `${NAME}`, `{{ … }}`. */
function isLiteral(value: unknown): boolean {
  if (typeof value !== 'string') return typeof value === 'number' || typeof value === 'boolean';
  return value !== '' && !/^(?:env|vault|kubernetes):|^\$[({]|\{\{/.test(value);
}
