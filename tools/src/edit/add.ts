import ts from 'typescript';
import { insertAt, type Edit } from './edits.ts';

/** Adds an element at the end of an array. */
export function addElement({ elements, end }: ts.ArrayLiteralExpression, text: string): Edit {
  return addToList(elements, end - 1, text);
}

/** Adds a property to an object, at the end or before another one, if that is there. */
export function addProperty({ properties, end }: ts.ObjectLiteralExpression, text: string, before?: string): Edit {
  const next = before === undefined ? undefined : properties.find((each) => each.name?.getText() === before);
  return next ? insertAt(next.getStart(), `${text}, `) : addToList(properties, end - 1, text);
}

function addToList(list: ts.NodeArray<ts.Node>, closing: number, text: string): Edit {
  const last = list.at(-1);
  // Behind the last comma if there is one, so that a comment at the end of its line stays with its element.
  if (!last || list.hasTrailingComma) return insertAt(closing, `${text},`);
  return insertAt(last.end, `, ${text}`);
}

/**
 * Imports names from a module: what is imported already stays as it is, and a new line goes where the order of the lines wants
 * it, packages before files.
 *
 * @param names Such as `createClient` or `contract as ordersContract`.
 */
export function addImport(source: ts.SourceFile, from: string, names: readonly string[]): Edit[] {
  const imports = source.statements.filter(ts.isImportDeclaration);
  const named = imports.find(
    (each) =>
      moduleOf(each) === from &&
      each.importClause?.phaseModifier === undefined &&
      each.importClause?.namedBindings &&
      ts.isNamedImports(each.importClause.namedBindings),
  );
  if (named) return addNames(named.importClause!.namedBindings as ts.NamedImports, names);
  return [addImportLine(imports, from, `import { ${names.join(', ')} } from '${from}';`)];
}

/** Imports all that a module exports under one name, such as `import * as models from './models/index.ts'`. */
export function addNamespaceImport(source: ts.SourceFile, from: string, name: string): Edit[] {
  const imports = source.statements.filter(ts.isImportDeclaration);
  const isThere = imports.some(({ importClause }) => {
    const bindings = importClause?.namedBindings;
    return bindings && ts.isNamespaceImport(bindings) && bindings.name.text === name;
  });
  return isThere ? [] : [addImportLine(imports, from, `import * as ${name} from '${from}';`)];
}

function addImportLine(imports: readonly ts.ImportDeclaration[], from: string, line: string): Edit {
  const next = imports.find((each) => rank(moduleOf(each)) > rank(from));
  if (next) return insertAt(next.getStart(), `${line}\n`);
  const last = imports.at(-1);
  return last ? insertAt(last.end, `\n${line}`) : insertAt(0, `${line}\n`);
}

/** Exports names of another file, as a door does; where all of it is exported there is nothing to do. */
export function addReExport(source: ts.SourceFile, from: string, names: readonly string[]): Edit[] {
  const exports = source.statements.filter(ts.isExportDeclaration).filter((each) => moduleOf(each) === from);
  if (exports.some(({ exportClause }) => exportClause === undefined)) return [];
  const named = exports.find((each) => !each.isTypeOnly && each.exportClause && ts.isNamedExports(each.exportClause));
  if (named) return addNames(named.exportClause as ts.NamedExports, names);
  const end = source.statements.at(-1)?.end ?? 0;
  return [insertAt(end, `\nexport { ${names.join(', ')} } from '${from}';\n`)];
}

function addNames({ elements, end }: ts.NamedImports | ts.NamedExports, names: readonly string[]): Edit[] {
  const present = elements.map((each) => each.getText());
  const missing = names.filter((name) => !present.includes(name));
  if (missing.length === 0) return [];
  if (!isSorted(present)) return [addToList(elements, end - 1, missing.join(', '))];
  return missing.toSorted(compareNames).map((name) => {
    const next = elements.find((each) => compareNames(each.getText(), name) > 0);
    return next ? insertAt(next.getStart(), `${name}, `) : addToList(elements, end - 1, name);
  });
}

function isSorted(names: readonly string[]): boolean {
  return names.every((name, index) => index === 0 || compareNames(names[index - 1]!, name) <= 0);
}

/** In the order of the alphabet, the types among values where their names are. */
function compareNames(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.replace(/^type /, ''));
  return left!.localeCompare(right!, 'en');
}

function moduleOf({ moduleSpecifier }: ts.ImportDeclaration | ts.ExportDeclaration): string {
  return moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : '';
}

/** Built-in modules and packages first, then files, those further away first. */
function rank(from: string): string {
  if (from.startsWith('node:')) return `0${from}`;
  if (!from.startsWith('.')) return `1${from}`;
  return from.startsWith('..') ? `2${from}` : `3${from}`;
}
