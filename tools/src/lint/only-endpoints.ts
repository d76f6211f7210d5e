import type { Rule } from 'eslint';

interface Options {
  /** The function that makes an endpoint, such as `implement`. */
  made: string;
  /** How the exported constant is called, as a regular expression. */
  named: string;
}

/** Keeps a file to what it is for: imports, and exported constants `(…) => [implement(…), …]` or `(…) => handle(…)`. */
export const onlyEndpoints: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [
      {
        type: 'object',
        properties: { made: { type: 'string' }, named: { type: 'string' } },
        required: ['made', 'named'],
        additionalProperties: false,
      },
    ],
  },
  create(context) {
    const { made, named } = context.options[0] as Options;
    return {
      'Program > *'(node: Rule.Node) {
        if (node.type === 'ImportDeclaration' || declaresEndpoints(node, { made, named })) return;
        context.report({
          node,
          message: `Expected only imports and \`export const x = (…) => [${made}(…), …]\` with a name like /${named}/; helpers go to src/utils, what the service does to src.`,
        });
      },
    };
  },
};

function declaresEndpoints(node: Rule.Node, { made, named }: Options): boolean {
  if (node.type !== 'ExportNamedDeclaration' || node.declaration?.type !== 'VariableDeclaration') return false;
  const { kind, declarations } = node.declaration;
  return (
    kind === 'const' &&
    declarations.every(({ id, init }) => {
      if (id.type !== 'Identifier' || !new RegExp(named).test(id.name)) return false;
      if (init?.type !== 'ArrowFunctionExpression') return false;
      const calls = init.body.type === 'ArrayExpression' ? init.body.elements : [init.body];
      return calls.every(
        (call) => call?.type === 'CallExpression' && call.callee.type === 'Identifier' && call.callee.name === made,
      );
    })
  );
}
