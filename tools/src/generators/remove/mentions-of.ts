import type { Tree } from '@nx/devkit';
import { scopeOf } from '../../tree/projects.ts';
import type { Project } from '../../workspace.ts';

/** Files in which every package stands by rule. */
const generated = ['package-lock.json', 'CHANGELOG.md'];
const most = 20;

/**
 * Where files that stay speak of what is gone: by its package, its folder, its tag, or its name where that is no common word.
 *
 * @returns such as `README.md: lines 12, 80`, at most 20.
 */
export function mentionsOf(tree: Tree, removed: readonly Project[], files: readonly string[]): string[] {
  const scope = scopeOf(tree);
  const names = removed.flatMap(({ root, shortName, manifest }) => [
    ...[manifest.name, root, `lib:${shortName}`],
    ...(shortName.includes('-') ? [shortName] : []),
  ]);
  const mention = new RegExp(`(?<![\\w-])(?:${names.join('|')})(?![\\w-])`);
  const mentions = files
    .filter((file) => !generated.includes(file))
    .flatMap((file) => {
      const text = tree.read(file, 'utf8') ?? '';
      if (text.includes('\0')) return [];
      const lines = text
        .replaceAll('<%= scope %>', scope)
        .split('\n')
        .flatMap((line, index) => (mention.test(line) ? [index + 1] : []));
      if (lines.length === 0) return mention.test(file) ? [file] : [];
      const shown = lines.slice(0, 8).join(', ') + (lines.length > 8 ? ', …' : '');
      return [`${file}: ${lines.length === 1 ? 'line' : 'lines'} ${shown}`];
    });
  return mentions.length > most ? [...mentions.slice(0, most), `and ${mentions.length - most} files more`] : mentions;
}
