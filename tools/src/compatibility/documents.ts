import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileAt } from './base.ts';

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

/**
 * The documents of a contract that a commit has. One that is no longer there promises nothing, in the version of the others.
 *
 * @param root The folder of the contract, such as `libs/contracts/orders`.
 */
export function readDocuments(workspaceRoot: string, commit: string, root: string): Pair[] {
  const files = Object.entries(scripts).map(([name, script]) => {
    const file = `${root}/src/${name}`;
    const path = join(workspaceRoot, file);
    return {
      script,
      before: parse(fileAt(workspaceRoot, commit, file)),
      after: parse(existsSync(path) ? readFileSync(path, 'utf8') : undefined),
    };
  });
  const info = files.find(({ after }) => after)?.after?.info;
  return files.flatMap(({ script, before, after }) =>
    before ? [{ script, before, after: after ?? { info: info ?? before.info } }] : [],
  );
}

function parse(text: string | undefined): Document | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Document);
}
