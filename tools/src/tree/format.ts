import { join } from 'node:path';
import type { Tree } from '@nx/devkit';

/** Formats the files that the tree changes as `npm run format` would. */
export async function formatChanges(tree: Tree): Promise<void> {
  for (const { path, type, content } of tree.listChanges()) {
    if (type === 'DELETE' || !content) continue;
    tree.write(path, await formatText(tree.root, path, content.toString('utf8')));
  }
}

/** Formats a text as a file at this path would be; what Prettier ignores or does not know stays as it is. */
export async function formatText(workspaceRoot: string, path: string, text: string): Promise<string> {
  const prettier = await import('prettier');
  const file = join(workspaceRoot, path);
  const { ignored, inferredParser } = await prettier.getFileInfo(file, {
    ignorePath: join(workspaceRoot, '.prettierignore'),
  });
  if (ignored || !inferredParser) return text;
  const options = await prettier.resolveConfig(file, { editorconfig: true });
  return prettier.format(text, { ...options, filepath: file });
}
