import { dirname, join } from 'node:path';
import { createNodesFromFiles, type CreateNodes } from '@nx/devkit';
import { targetsOf } from './targets.ts';
import { readManifest } from './workspace.ts';

export const name = '@org/tools/plugin';

/** Infers every project and its targets from the `package.json` files of the workspace, so that a project lists a target only where it differs. */
export const createNodes: CreateNodes = [
  '{apps/*,libs/framework/*,libs/contracts/*,tools}/package.json',
  (files, options, context) =>
    createNodesFromFiles((file) => inferProject(context.workspaceRoot, file), files, options, context),
];

function inferProject(workspaceRoot: string, file: string) {
  const root = dirname(file);
  const manifest = readManifest(join(workspaceRoot, file));
  const layer = manifest.nx?.tags?.find((tag) => tag.startsWith('layer:'));
  if (!layer) {
    throw new Error(
      `${file}: expected \`nx.tags\` to name the layer of ${manifest.name}, such as ["layer:base"], got ${JSON.stringify(manifest.nx?.tags ?? [])}. The layers are listed in eslint.config.js.`,
    );
  }
  const shortName = manifest.name.replace(/^@[^/]+\//, '');
  return {
    projects: {
      [root]: {
        root,
        name: manifest.name,
        tags: [`lib:${shortName}`],
        targets: targetsOf({ workspaceRoot, root, manifest, shortName }),
      },
    },
  };
}
