import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { problemAffectsResolutionKind, problemKindInfo } from '@arethetypeswrong/core/problems';
import type { Problem } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/**
 * The ways to resolve a package that must work: Node's for ES modules, and that of bundlers. What `require` and TypeScript's
 * `node10` would find is not asked: the packages are ES modules alone, by `exports` alone.
 */
const resolutions = ['node16-esm', 'bundler'] as const;

/**
 * What is wrong with a package as it would be published, a line each; nothing when a consumer can use it. Publint looks at
 * the manifest and the files that it names, Are The Types Wrong at what TypeScript makes of them.
 *
 * @param tarball What `npm pack` made.
 * @see https://publint.dev/rules
 * @see https://github.com/arethetypeswrong/arethetypeswrong.github.io/tree/main/docs/problems
 */
export async function findPackageFaults(tarball: Uint8Array<ArrayBuffer>): Promise<string[]> {
  return [...(await faultsOfFiles(tarball)), ...(await faultsOfTypes(tarball))];
}

async function faultsOfFiles(tarball: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: new Blob([tarball]).stream() }, strict: true });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

async function faultsOfTypes(tarball: Uint8Array): Promise<string[]> {
  const analysis = await checkPackage(createPackageFromTarballData(tarball));
  if (!analysis.types) return ['There are no types in it.'];
  const problems = analysis.problems.filter((problem) =>
    resolutions.some((resolution) => problemAffectsResolutionKind(problem, resolution, analysis)),
  );
  return problems.map((problem) => `${placeOf(problem)}: ${problemKindInfo[problem.kind].description}`);
}

function placeOf(problem: Problem): string {
  if ('entrypoint' in problem) return `The door ${problem.entrypoint} (${problem.resolutionKind})`;
  if ('moduleSpecifier' in problem) return `The import of ${problem.moduleSpecifier} in ${problem.fileName}`;
  return 'fileName' in problem ? problem.fileName : problem.typesFileName;
}
