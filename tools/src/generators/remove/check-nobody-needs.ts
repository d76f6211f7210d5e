import type { Tree } from '@nx/devkit';
import { projectsIn, scopeOf } from '../../tree/projects.ts';
import { Refusal } from '../../tree/refusal.ts';
import type { Project } from '../../workspace.ts';

/**
 * Checks that nothing which stays imports or depends on what goes. Templates count: what the next service is made of is needed.
 *
 * @param files The files that stay.
 * @throws {Refusal} listing who needs it, and where.
 */
export function checkNobodyNeeds(
  tree: Tree,
  removed: readonly Project[],
  files: readonly string[],
  doing: string,
): void {
  const scope = scopeOf(tree);
  const names = removed.map(({ manifest }) => manifest.name.replace(/[/.]/g, '\\$&')).join('|');
  const patterns = [
    { files: /\.[cm]?[jt]s(\.ejs)?$/, use: new RegExp(`(?:from|import)\\s*\\(?\\s*['"](?:${names})['"/]`) },
    { files: /(?:^|\/)package\.json(\.ejs)?$/, use: new RegExp(`"(?:${names})"\\s*:`) },
  ];
  const users = files.filter((file) =>
    patterns.some(
      ({ files, use }) =>
        files.test(file) && use.test((tree.read(file, 'utf8') ?? '').replaceAll('<%= scope %>', scope)),
    ),
  );
  if (users.length === 0) return;
  const projects = projectsIn(tree).map(({ root }) => root);
  const byProject = Object.groupBy(users, (file) => projects.find((root) => file.startsWith(`${root}/`)) ?? '.');
  const lines = Object.entries(byProject).map(([root, uses = []]) => {
    const shown = uses.slice(0, 3).map((file) => (root === '.' ? file : file.slice(root.length + 1)));
    const more = uses.length > shown.length ? `, and ${uses.length - shown.length} more` : '';
    return `    ${root === '.' ? 'the workspace' : root}: ${shown.join(', ')}${more}`;
  });
  throw new Refusal(
    [`${doing}: others need it. Have them do without it first, or remove them.`, '', ...lines].join('\n'),
  );
}
