import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { gap, ok } from '../row.ts';
import type { Check } from '../subject.ts';

/** Whether no file that is deployed holds the value of a secret: they come by reference alone. */
export const secrets: Check = ({ folder, project, description }) => {
  const name = 'secrets by reference';
  const manifests = `npx nx manifests ${project.shortName}`;
  const variables = description.settings.fragments.flatMap((fragment) => fragment.variables);
  const secret = variables.filter((variable) => variable.secret).map((variable) => variable.name);
  if (!existsSync(join(folder, 'deploy'))) return gap(name, 'there are no manifests to look at', manifests);
  const files = globSync('deploy/**/*.{yaml,yml,env}', { cwd: folder });
  const literal = files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return literals(text, file)
      .filter((variable) => secret.includes(variable))
      .map((variable) => `${variable} in ${file}`);
  });
  if (literal.length > 0) return gap(name, `a value stands in the manifests: ${literal.join(', ')}`, manifests);
  return ok(name, `no value of its ${secret.length} secret settings in ${files.length} files of deploy`);
};

/** The variables that a file gives a value: a line of an `.env`, an entry of `env`, a key of a ConfigMap or Secret. */
function literals(text: string, file: string): string[] {
  if (file.endsWith('.env')) {
    return [...text.matchAll(/^([A-Z][A-Z0-9_]*)=(?!$|\w+:)/gm)].map(([, variable]) => variable!);
  }
  return parseAllDocuments(text).flatMap((document) => valuesIn(document.toJS()));
}

function valuesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(valuesIn);
  const { name, value, data, stringData } = node as Record<string, unknown>;
  const own = typeof name === 'string' && typeof value === 'string' ? [name] : [];
  const keys = [data, stringData].flatMap((each) =>
    typeof each === 'object' && each !== null ? Object.keys(each) : [],
  );
  return [...own, ...keys, ...Object.values(node).flatMap(valuesIn)];
}
