import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../workspace.ts';
import type { Names } from './names-of.ts';

/** Somebody in the workspace who would notice that a contract breaks. */
export interface User {
  /** The project, without its scope. */
  readonly name: string;
  /** The files that use the operation or the message; none where the project only depends on the contract. */
  readonly files: readonly string[];
}

/** Who may send and consume messages without depending on the contract that has them, by their types alone. */
const speakers = new Set<string | undefined>(['app', 'contract', 'shared']);

/**
 * The projects that depend on a contract, but for the service that keeps it, with the files that call an operation, import a
 * message or name its type; and those that name the type and do not depend on the contract. What is called by another name,
 * nothing here can tell.
 */
export function usersOf(workspaceRoot: string, projects: readonly Project[], contract: string, sought: Names): User[] {
  const owners = [contract, contract.replace(/-contract$/, '')];
  const others = projects.filter(({ manifest: { name } }) => !owners.includes(name));
  return others.flatMap(({ root, shortName, layer, manifest: { dependencies, devDependencies } }) => {
    const depends = contract in { ...dependencies, ...devDependencies };
    if (!depends && !(sought.type !== undefined && speakers.has(layer))) return [];
    const files = globSync(`${root}/{src,test}/**/*.ts`, { cwd: workspaceRoot })
      .filter((file) => uses(readFileSync(join(workspaceRoot, file), 'utf8'), contract, sought))
      .sort();
    return depends || files.length > 0 ? [{ name: shortName, files }] : [];
  });
}

function uses(text: string, contract: string, { names, type }: Names): boolean {
  if (type !== undefined && ["'", '"', '`'].some((quote) => text.includes(quote + type + quote))) return true;
  const named = (before: string) => new RegExp(String.raw`${before}(?:${names.join('|')})\b`).test(text);
  if (names.length === 0) return false;
  // A client has a method for each operation, but none for a message.
  return (type === undefined && named(String.raw`\.`)) || (text.includes(`'${contract}'`) && named(String.raw`\b`));
}
