import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileAt } from './base.ts';
import { parseJson } from './parse-json.ts';

/** What of a document is read here. */
export interface Document {
  readonly info: { readonly version: string };
}

/** The documents that a contract may have committed, each by the script of the contract library that compares two of them. */
const scripts = { 'openapi.json': 'compare-openapi.ts', 'asyncapi.json': 'compare-asyncapi.ts' } as const;

/** A document as it was and as it is. */
export interface Pair {
  readonly script: string;
  readonly before: Document;
  readonly after: Document;
}

/** Where a contract is, and where a commit has it. */
interface Place {
  readonly commit: string;
  /** What the commit is called in messages. */
  readonly since: string;
  /** The folder of the contract, such as `libs/contracts/orders`. */
  readonly root: string;
  /** Its folder at that time. */
  readonly oldRoot: string;
}

/**
 * The documents of a contract that a commit has. One that is no longer there promises nothing, in the version of the others.
 *
 * @throws {Error} naming one that is no JSON.
 */
export function readDocuments(workspaceRoot: string, { commit, since, root, oldRoot }: Place): Pair[] {
  const files = Object.entries(scripts).map(([name, script]) => {
    const [file, old] = [`${root}/src/${name}`, `${oldRoot}/src/${name}`];
    const path = join(workspaceRoot, file);
    return {
      script,
      before: parse(fileAt(workspaceRoot, commit, old), `${old} of ${since}`),
      after: parse(existsSync(path) ? readFileSync(path, 'utf8') : undefined, file),
    };
  });
  const info = files.find(({ after }) => after)?.after?.info;
  return files.flatMap(({ script, before, after }) =>
    before ? [{ script, before, after: after ?? { info: info ?? before.info } }] : [],
  );
}

function parse(text: string | undefined, file: string): Document | undefined {
  return text === undefined ? undefined : (parseJson(text, file) as Document);
}
