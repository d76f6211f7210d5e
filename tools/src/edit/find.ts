import ts from 'typescript';

/** The first node, from the top, that a test takes. */
export function findNode<Found extends ts.Node>(
  root: ts.Node,
  test: (node: ts.Node) => node is Found,
): Found | undefined {
  if (test(root)) return root;
  return ts.forEachChild(root, (child) => findNode(child, test));
}

/** The first call of a function, such as `defineContract({ … })`. */
export function callOf(source: ts.SourceFile, callee: string): ts.CallExpression | undefined {
  return findNode(
    source,
    (node): node is ts.CallExpression =>
      ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === callee,
  );
}

/** The object that a function is called with, such as that of `defineContract({ … })`; by default as its first argument. */
export function objectGivenTo(
  source: ts.SourceFile,
  callee: string,
  position = 0,
): ts.ObjectLiteralExpression | undefined {
  const given = callOf(source, callee)?.arguments[position];
  return given && ts.isObjectLiteralExpression(given) ? given : undefined;
}

/** The value of a key of an object; a shorthand's is its own name. */
export function valueOf(object: ts.ObjectLiteralExpression, key: string): ts.Expression | undefined {
  const property = object.properties.find((each) => each.name?.getText() === key);
  if (property && ts.isPropertyAssignment(property)) return property.initializer;
  return property && ts.isShorthandPropertyAssignment(property) ? property.name : undefined;
}

/** The body of a method or of a function in a key of an object. */
export function bodyOf(object: ts.ObjectLiteralExpression, key: string): ts.Block | undefined {
  const property = object.properties.find((each) => each.name?.getText() === key);
  if (property && ts.isMethodDeclaration(property)) return property.body;
  const value = valueOf(object, key);
  if (!value || !(ts.isArrowFunction(value) || ts.isFunctionExpression(value))) return undefined;
  return ts.isBlock(value.body) ? value.body : undefined;
}

/** What a constant of this name is made of, wherever it is declared. */
export function constantOf(root: ts.Node, name: string): ts.Expression | undefined {
  return findNode(
    root,
    (node): node is ts.VariableDeclaration =>
      ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.name.text === name,
  )?.initializer;
}

/** An expression without `as const`, `satisfies …` and parentheses around it. */
export function unwrapped(expression: ts.Expression): ts.Expression {
  return ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isParenthesizedExpression(expression)
    ? unwrapped(expression.expression)
    : expression;
}
