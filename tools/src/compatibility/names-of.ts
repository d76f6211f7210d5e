import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileAt, filesAt } from './base.ts';
import type { Break } from './break.ts';

/** What users would say who mean an operation or a message. */
export interface Names {
  /** Those by which they import it from the contract, or call it. */
  readonly names: readonly string[];
  /** The type of a message, as a text of its own. */
  readonly type?: string;
}

/**
 * By what the users of something broken are found: the id of an operation; or the type of a message, and the constants that
 * hold its definition in the contract's sources, as they are and as they were, since it may be gone.
 */
export function namesOf(
  workspaceRoot: string,
  { commit, root, oldRoot }: { commit: string; root: string; oldRoot: string },
  { operationId, type }: Break,
): Names {
  if (type === undefined) return { names: operationId ? [operationId] : [] };
  const isSource = (file: string) => file.endsWith('.ts') && !file.endsWith('.test.ts');
  const now = globSync(`${root}/src/**/*.ts`, { cwd: workspaceRoot }).filter(isSource);
  const then = filesAt(workspaceRoot, commit, `${oldRoot}/src`).filter(isSource);
  const texts = [
    ...now.map((file) => readFileSync(join(workspaceRoot, file), 'utf8')),
    ...then.map((file) => fileAt(workspaceRoot, commit, file) ?? ''),
  ];
  return { names: [...new Set(texts.flatMap((text) => constantsOf(text, type)))], type };
}

/** The constants whose definition names a type: the last one that is begun before each place where it stands. */
function constantsOf(text: string, type: string): string[] {
  const places = [...text.matchAll(new RegExp(`['"\`]${RegExp.escape(type)}['"\`]`, 'g'))].map(({ index }) => index);
  const constants = [...text.matchAll(/\bconst (\w+) = define(?:Event|Command|Query)\b/g)];
  return places.flatMap((place) => constants.findLast(({ index }) => index < place)?.[1] ?? []);
}
