import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../workspace.ts';

/** Somebody in the workspace who would notice that a contract breaks. */
export interface User {
  /** The project, without its scope. */
  readonly name: string;
  /** The files that use the operation; none where the project only depends on the contract. */
  readonly files: readonly string[];
}

/**
 * The projects that depend on a contract, but for the service that keeps it, with the files that call an operation by its name
 * or import it. What is called by another name, nothing here can tell.
 */
export function usersOf(
  workspaceRoot: string,
  projects: readonly Project[],
  contract: string,
  operationId: string,
): User[] {
  const owner = contract.replace(/-contract$/, '');
  const called = new RegExp(`\\.${operationId}\\b`);
  const named = new RegExp(`\\b${operationId}\\b`);
  const uses = (text: string) => called.test(text) || (text.includes(`'${contract}'`) && named.test(text));
  return projects
    .filter(({ manifest: { name, dependencies, devDependencies } }) => {
      return name !== owner && contract in { ...dependencies, ...devDependencies };
    })
    .map(({ root, shortName }) => ({
      name: shortName,
      files: globSync(`${root}/{src,test}/**/*.ts`, { cwd: workspaceRoot })
        .filter((file) => operationId !== '' && uses(readFileSync(join(workspaceRoot, file), 'utf8')))
        .sort(),
    }));
}
