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
  const connections = description.connections.map(({ variable }) => variable);
  const files = deployedFiles(folder);
  if (files.length === 0) return gap(name, 'there are no manifests to look at', manifests);
  const literal = files.flatMap((file) => {
    const given = literals(readFileSync(file, 'utf8'), connections);
    const found = given.filter((each) => each === password || secret.includes(each));
    return [...new Set(found)].map((each) => `${each} in ${relative(folder, file)}`);
  });
  if (literal.length > 0) return gap(name, `a value stands in the manifests: ${literal.join(', ')}`, manifests);
  return ok(name, `no value of its ${secret.length} secret settings in ${files.length} files of deploy`);
};

/** What a URL with a user's password in it is called, whichever variable has it. */
const password = 'a password in a URL';

/** A name, and what a text gives it. */
type Given = readonly [name: string, value: unknown];

/**
 * The secrets that a text gives away, by the names that it gives a value. Comments give none, and neither does the URL of a
 * connection without user and password.
 *
 * @param connections The variables that say where something is.
 */
export function literals(text: string, connections: readonly string[] = []): string[] {
  const urls = [...withoutComments(text).matchAll(/\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*:([^\s/@"']+)@/gi)];
  const harmless = ([name, value]: Given) => connections.includes(name) && isBareUrl(value);
  return [
    ...givenIn(text)
      .filter((given) => isLiteral(given[1]) && !harmless(given))
      .map(([name]) => name),
    ...urls.filter(([, value]) => isLiteral(value)).map(() => password),
  ];
}

/**
 * What a text gives a value: variables assigned with `=`, in whatever kind of file, list or command line; what YAML or JSON
 * gives one, also within a text, as patches are. Comments give none.
 */
export function givenIn(text: string): Given[] {
  const said = withoutComments(text);
  const assigned = [...said.matchAll(/\b([A-Z][A-Z0-9_]*)=["']?([^\s"',]*)/g)];
  return [...assigned.map(([, variable, value]): Given => [variable!, value]), ...givenInNode(said)];
}

/** The files of everything that is deployed; none where there are no manifests. */
export function deployedFiles(folder: string): string[] {
  const deploy = join(folder, 'deploy');
  if (!existsSync(deploy)) return [];
  return readdirSync(deploy, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*#.*$/gm, '');
}

function givenInNode(node: unknown): Given[] {
  if (typeof node === 'string') return parsed(node).flatMap(givenInNode);
  if (typeof node !== 'object' || node === null) return [];
  const { name, path, value } = node as Record<string, unknown>;
  // An entry of `env`, and an operation of a JSON patch (RFC 6902).
  const named = [name, String(path).split('/').at(-1)].filter((each) => typeof each === 'string');
  return [
    ...named.map((each): Given => [each, value]),
    // A key of a ConfigMap or a Secret, wherever it stands.
    ...Object.entries(node),
    ...Object.values(node).flatMap(givenInNode),
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

/** It says where, and not who. */
function isBareUrl(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z][a-z0-9+.-]*:[^@?]*$/i.test(value);
}
