import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gap, ok, unknown } from '../row.ts';
import type { Check } from '../subject.ts';

/** Whether the service answers with the document that its contract has committed. */
export const contract: Check = ({ workspaceRoot, project, projects, observation: { failure, openapi } }) => {
  const name = 'contract';
  const library = projects.find(({ manifest }) => manifest.name === `${project.manifest.name}-contract`);
  if (!library) return gap(name, `there is no ${project.manifest.name}-contract`, undefined);
  const file = `${library.root}/src/openapi.json`;
  const test = `npx nx test ${library.shortName}`;
  if (!existsSync(join(workspaceRoot, file))) return gap(name, `there is no ${file}`, test);
  if (failure !== undefined) return unknown(name, 'it did not start', `npx nx serve ${project.shortName}`);
  const committed = JSON.parse(readFileSync(join(workspaceRoot, file), 'utf8')) as {
    info: { version: string };
    paths: Record<string, object>;
  };
  if (!isDeepStrictEqual(openapi, committed)) {
    return gap(name, `/openapi.json is not what ${file} says`, test);
  }
  const operations = Object.values(committed.paths).flatMap((each) => Object.keys(each)).length;
  return ok(name, `serves the committed document, version ${committed.info.version}, ${operations} operations`);
};
