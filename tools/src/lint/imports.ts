import type { Rule } from 'eslint';

/** One place where a module names another. */
export interface Import {
  node: Rule.Node;
  /** What stands between the quotes. */
  specifier: string;
  /** `import type …` and `export type … from`: nothing is left of it at run time. */
  typeOnly: boolean;
}

/** The parts of a syntax node that an import has, also those that only TypeScript's parser gives. */
interface Importing {
  source?: { value?: unknown } | null;
  importKind?: string;
  exportKind?: string;
}

/** Visits each import of a file, whatever its form: static, `export … from`, type-only or dynamic. */
export function visitImports(visit: (found: Import) => void): Rule.RuleListener {
  const see = (node: Rule.Node) => {
    const { source, importKind, exportKind } = node as Importing;
    const typeOnly = importKind === 'type' || exportKind === 'type';
    if (typeof source?.value === 'string') visit({ node, specifier: source.value, typeOnly });
  };
  return {
    ImportDeclaration: see,
    ExportNamedDeclaration: see,
    ExportAllDeclaration: see,
    ImportExpression: see,
  };
}

/** Splits `@scope/name/path` into the package and the path in it; `undefined` for a file or a module of Node. */
export function splitSpecifier(specifier: string): { packageName: string; path: string } | undefined {
  const [, packageName, path = ''] = /^((?:@[^/]+\/)?[^@./][^/]*)(?:\/(.*))?$/.exec(specifier) ?? [];
  return packageName === undefined || packageName.includes(':') ? undefined : { packageName, path };
}
