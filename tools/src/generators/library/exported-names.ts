import ts from 'typescript';

/** The names that a file exports; `undefined` where some are those of another file, by `export *`. */
export function exportedNames(source: ts.SourceFile): ReadonlySet<string> | undefined {
  const names = source.statements.flatMap((statement): (string | undefined)[] => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause } = statement;
      if (!exportClause) return [undefined];
      return ts.isNamedExports(exportClause)
        ? exportClause.elements.map(({ name }) => name.text)
        : [exportClause.name.text];
    }
    if (!ts.canHaveModifiers(statement)) return [];
    const isExported = ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    return isExported ? declaredNames(statement) : [];
  });
  return names.includes(undefined) ? undefined : new Set(names.filter((name) => name !== undefined));
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const { name } = statement as ts.DeclarationStatement;
  return name ? [name.getText()] : [];
}
