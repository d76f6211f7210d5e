import { dirname, join } from 'node:path';
import { createNodesFromFiles, type CreateNodes } from '@nx/devkit';
import { targetsOf } from './targets.ts';
import { readManifest, readProject, readScope, tagsOf } from './workspace.ts';

const workspace = join(import.meta.dirname, '../..');
const { workspaces = [] } = readManifest(join(workspace, 'package.json'));

export const name = `${readScope(workspace)}/tools/plugin`;

/** Infers every project and its targets from the `package.json` files of the workspace, so that a project lists a target only where it differs. */
export const createNodes: CreateNodes = [
  `{${workspaces.join(',')}}/package.json`,
  (files, options, context) =>
    createNodesFromFiles((file) => inferProject(context.workspaceRoot, file), files, options, context),
];

function inferProject(workspaceRoot: string, file: string) {
  const project = readProject(workspaceRoot, dirname(file));
  const { root, manifest, layer } = project;
  if (!layer) {
    throw new Error(
      `${file}: expected \`nx.tags\` to name the layer of ${manifest.name}, such as ["layer:base"], got ${JSON.stringify(manifest.nx?.tags ?? [])}. The layers are listed in eslint.config.js.`,
    );
  }
  return {
    projects: {
      [root]: {
        root,
        name: manifest.name,
        tags: tagsOf(project),
        targets: targetsOf(workspaceRoot, project),
      },
    },
  };
}
