import type { Rule } from 'eslint';
import { tagsOf, type Project } from '../workspace.ts';
import { splitSpecifier, visitImports } from './imports.ts';

/** What may be imported, as tags, by the tag of who imports: a library's own row comes before that of its layer. */
export type DoorTable = Readonly<Record<string, readonly string[]>>;

/** The doors that a package can have; `exports` says which of them it has. */
const doors = ['.', './testing', './conformance', './package.json'];

/** The tags of what a project may import outside its tests. */
export function allowedTags(table: DoorTable, project: Project): readonly string[] {
  return table[`lib:${project.shortName}`] ?? table[`layer:${project.layer}`] ?? [];
}

/** In tests, besides: the testing library, the suites, and above the base what libraries offer to tests. */
export function allowedTagsInTests(table: DoorTable, project: Project): readonly string[] {
  const offered = project.layer === 'base' ? [] : ['door:testing'];
  return [...allowedTags(table, project), 'layer:testing', 'door:conformance', ...offered];
}

/** The rows of `@nx/enforce-module-boundaries`: one a project, since Nx combines those that match with *and*. */
export function boundaryRows(table: DoorTable, projects: readonly Project[], { tests }: { tests: boolean }) {
  return projects.map((project) => ({
    sourceTag: `lib:${project.shortName}`,
    onlyDependOnLibsWithTags: [...(tests ? allowedTagsInTests(table, project) : allowedTags(table, project))],
  }));
}

/**
 * Sees what `@nx/enforce-module-boundaries` does not, which judges projects as wholes and ignores what it cannot
 * resolve: a package is entered by a door that it declares, and doors for tests are for tests.
 */
export function doorsRule(table: DoorTable, projects: readonly Project[]): Rule.RuleModule {
  const byPackage = new Map(projects.map((project) => [project.manifest.name, project]));
  return {
    meta: {
      type: 'problem',
      schema: [{ type: 'object', properties: { tests: { type: 'boolean' } }, additionalProperties: false }],
    },
    create(context) {
      const { tests = false } = (context.options[0] ?? {}) as { tests?: boolean };
      const own = projectOf(projects, context);
      return visitImports(({ node, specifier }) => {
        if (!tests && isForTests(specifier)) {
          context.report({ node, message: `Cannot import \`${specifier}\`: it is for tests, and this file is not.` });
        }
        const { packageName, path } = splitSpecifier(specifier) ?? {};
        const target = byPackage.get(packageName ?? '');
        if (!own || !target) return;
        const fault = faultOf({ table, own, target, door: path ? `./${path}` : '.', tests });
        if (fault)
          context.report({ node, message: `Cannot import \`${specifier}\` in ${own.manifest.name}: ${fault}` });
      });
    },
  };
}

/** Whether a file of the same project is a test, or what a project offers to tests. */
function isForTests(specifier: string): boolean {
  return specifier.startsWith('.') && /\/(test|testing|conformance)(\/|\.ts$)|\.test\.ts$/.test(specifier);
}

interface Entrance {
  table: DoorTable;
  own: Project;
  target: Project;
  door: string;
  tests: boolean;
}

function faultOf({ table, own, target, door, tests }: Entrance): string | undefined {
  if (own === target) return 'a project imports its own files by their paths.';
  const declared = doors.filter((each) => target.manifest.exports?.[each] !== undefined);
  if (!declared.includes(door)) return `its doors are ${declared.map((each) => `\`${each}\``).join(', ')}.`;
  const forTests = door === './testing' || door === './conformance';
  if (forTests && !tests) return 'this door is for tests, suites and what libraries offer to tests.';
  if (!tests) return undefined;
  if (door === './conformance') return undefined;
  if (door === './testing') return own.layer === 'base' ? 'tests of the base stand below it.' : undefined;
  const allowed = [...allowedTags(table, own), 'layer:testing'];
  if (tagsOf(target).some((tag) => allowed.includes(tag))) return undefined;
  return `tests enter ${target.manifest.name} only by its doors for tests.`;
}

/** The project whose file is being linted. */
export function projectOf(projects: readonly Project[], { cwd, filename }: Rule.RuleContext): Project | undefined {
  const file = filename.slice(cwd.length + 1);
  return projects.find((project) => file.startsWith(`${project.root}/`));
}
