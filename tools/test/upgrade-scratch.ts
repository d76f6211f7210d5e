import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FsTree } from 'nx/src/generators/tree';
import { vi } from 'vitest';
import { upgrade, type UpgradeOptions } from '../src/generators/upgrade/generator.ts';
import { renderForService } from '../src/templates/render-for-service.ts';
import { newestTemplate, templateVersions } from '../src/templates/versions.ts';
import { serviceIn } from '../src/tree/projects.ts';
import { createCommittedScratch, generate } from './generate.ts';

/**
 * A copy of the workspace whose newest template is the only one and is called 1.0.0, whatever it is called here, and that has no
 * codemods: whoever adds versions to it knows all that there are.
 */
export function createUpgradeScratch() {
  const scratch = createCommittedScratch();
  const { root } = scratch;
  const templates = join(root, 'tools/templates');
  const newest = newestTemplate(root);
  for (const version of templateVersions(root))
    if (version !== newest) rmSync(join(templates, version), { recursive: true });
  renameSync(join(templates, newest), join(templates, '1.0.0'));
  for (const file of readdirSync(join(root, 'tools/migrations'))) {
    if (file.endsWith('.ts')) rmSync(join(root, 'tools/migrations', file));
  }

  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  return {
    ...scratch,
    read,
    has: (file: string) => existsSync(join(root, file)),
    remove: (file: string) => rmSync(join(root, file)),
    edit(file: string, from: string | RegExp, to: string) {
      const text = read(file);
      if (text.search(from instanceof RegExp ? from : RegExp.escape(from)) < 0)
        throw new Error(`${file} has no ${from}`);
      scratch.write(file, text.replace(from, to));
    },

    /** What a version of the template makes of a service, by its file. */
    fresh(name: string, version: string) {
      const tree = new FsTree(root, false);
      return renderForService(tree, join(templates, version), serviceIn(tree, name, ''), version);
    },

    /** Upgrades, and gives what is said: what is shown of each step, and how it ends. */
    async upgrade(options: UpgradeOptions = {}): Promise<{ shown: string; end: string }> {
      const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
      const end = await generate(root, (tree) => upgrade(tree, options)).catch((error: Error) => error.message);
      const shown = log.mock.calls.map((words) => words.join(' ')).join('\n');
      log.mockRestore();
      return { shown, end };
    },

    /** Copies a version of the template, and gives the folder of the copy. */
    addTemplate(version: string, from: string): string {
      cpSync(join(templates, from), join(templates, version), { recursive: true });
      return `tools/templates/${version}`;
    },

    addCodemod(name: string, body: string) {
      const head = `import type { Migrate } from '../src/upgrade/codemods.ts';`;
      const text = `${head}\n\nexport const migrate: Migrate = (tree, service) => {\n${body}\n};\n`;
      scratch.write(`tools/migrations/${name}.ts`, text);
    },
  };
}

export type UpgradeScratch = ReturnType<typeof createUpgradeScratch>;

/** The body of a codemod that replaces a text in a file of the application. */
export function replacing(file: string, from: string, to: string): string {
  return [
    `const file = \`\${service.app.root}/${file}\`;`,
    `const text = tree.read(file, 'utf8');`,
    `if (text) tree.write(file, text.replace(${JSON.stringify(from)}, ${JSON.stringify(to)}));`,
  ].join('\n');
}
