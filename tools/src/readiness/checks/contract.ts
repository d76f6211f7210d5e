import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { runContractScript } from '../../contract-script.ts';
import { readScope, type Project } from '../../workspace.ts';
import { gap, ok, unknown } from '../row.ts';
import type { Check, Subject } from '../subject.ts';

const name = 'contract';

/**
 * Whether the documents of what the contract promises are committed and are what it says, and the service answers with that of
 * its operations. A contract without operations needs no `openapi.json`, one without messages no `asyncapi.json`.
 */
export const contract: Check = (subject) => {
  const { workspaceRoot, project, projects, description, observation } = subject;
  const library = projects.find(({ manifest }) => manifest.name === `${project.manifest.name}-contract`);
  if (!library) return gap(name, `there is no ${project.manifest.name}-contract`, undefined);
  const { version, operations, publishes, consumes, handles, answers } = description.contract;
  const messages = [publishes, consumes, handles, answers].flat();
  const test = `npx nx test ${library.shortName}`;
  const fileOf = (document: string) => `${library.root}/src/${document}`;
  const isThere = (document: string) => existsSync(join(workspaceRoot, fileOf(document)));

  const promised = { 'openapi.json': operations.length, 'asyncapi.json': messages.length };
  const missing = Object.entries(promised).find(([document, count]) => count > 0 && !isThere(document));
  if (missing) return gap(name, `there is no ${fileOf(missing[0])}; docs/contracts.md says how to begin it`, test);
  if (isThere('openapi.json') && observation.failure !== undefined) {
    return unknown(name, 'it did not start', `npx nx serve ${project.shortName}`);
  }
  if (operations.length > 0 && !isDeepStrictEqual(observation.openapi, committed(subject, fileOf('openapi.json')))) {
    return gap(name, `/openapi.json is not what ${fileOf('openapi.json')} says`, test);
  }
  // The service serves the committed document whatever its contract came to say since.
  for (const document of Object.keys(promised).filter(isThere)) {
    const rendered = render(workspaceRoot, projects, { root: library.root, document });
    if (rendered === undefined) return unknown(name, `${library.root}/src/contract.ts cannot be run`, test);
    if (isDeepStrictEqual(rendered, committed(subject, fileOf(document)))) continue;
    return gap(name, `${fileOf(document)} is not what ${library.root}/src/contract.ts says`, `${test} -u`);
  }
  const said = [
    ...(operations.length > 0 ? [`serves the committed document, ${operations.length} operations`] : []),
    ...(messages.length > 0 ? [`asyncapi.json is in step, ${messages.length} messages`] : []),
  ];
  return ok(name, [`version ${version}`, ...said].join('; '));
};

function committed({ workspaceRoot }: Subject, file: string): unknown {
  return JSON.parse(readFileSync(join(workspaceRoot, file), 'utf8'));
}

/** A document of a contract as its source is now. */
function render(
  workspaceRoot: string,
  projects: readonly Project[],
  { root, document }: { root: string; document: string },
): unknown {
  const library = projects.find(({ shortName }) => shortName === 'contract')?.root ?? 'libs/framework/contract';
  const script = `render-${document.replace('.json', '.ts')}`;
  const { status, stdout } = runContractScript(workspaceRoot, script, {
    library,
    scope: readScope(workspaceRoot),
    arguments: [join(workspaceRoot, root, 'src/contract.ts')],
    input: '{}',
    timeoutMs: 30_000,
  });
  return status === 0 ? JSON.parse(stdout) : undefined;
}
