import type ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { addCommands } from './add-commands.ts';
import { addElement, addImport, addNamespaceImport, addProperty, addReExport } from './add.ts';
import { applyEdits, parse, type Edit } from './edits.ts';
import { constantOf, objectGivenTo } from './find.ts';

const edited = (text: string, editsOf: (source: ts.SourceFile) => readonly Edit[]) =>
  applyEdits(text, editsOf(parse('x.ts', text)));

describe('an import', () => {
  test.each([
    [
      'in order, packages before files',
      `import { b } from 'b';\nimport { d } from './d.ts';\n`,
      `import { b } from 'b';\nimport { x } from 'c';\nimport { d } from './d.ts';\n`,
    ],
    [
      'behind the last when nothing comes later',
      `import { a } from 'a';\n\ncode();\n`,
      `import { a } from 'a';\nimport { x } from 'c';\n\ncode();\n`,
    ],
    ['at the top of a file that has none', `code();\n`, `import { x } from 'c';\ncode();\n`],
    ['not a second time', `import { x } from 'c';\n`, `import { x } from 'c';\n`],
    [
      'among sorted names in their order',
      `import { a, type q, z } from 'c';\n`,
      `import { a, type q, x, z } from 'c';\n`,
    ],
    ['behind names that are in an order of their own', `import { z, a } from 'c';\n`, `import { z, a, x } from 'c';\n`],
    [
      'beside one that is of types only',
      `import type { X } from 'c';\n`,
      `import type { X } from 'c';\nimport { x } from 'c';\n`,
    ],
    [
      'beside one that is a namespace',
      `import * as c from 'c';\n`,
      `import * as c from 'c';\nimport { x } from 'c';\n`,
    ],
  ])('is added %s', (_, before, after) => {
    expect(edited(before, (source) => addImport(source, 'c', ['x']))).toBe(after);
  });
});

describe('an export of another file', () => {
  test.each([
    ['to those of that file', `export { a } from './x.ts';\n`, `export { a, x } from './x.ts';\n`],
    [
      'below the others',
      `export { a } from './a.ts';\n`,
      `export { a } from './a.ts';\nexport { x } from './x.ts';\n\n`,
    ],
    ['not where all of it is exported', `export * from './x.ts';\n`, `export * from './x.ts';\n`],
    [
      'not to a list of types',
      `export type { X } from './x.ts';\n`,
      `export type { X } from './x.ts';\nexport { x } from './x.ts';\n\n`,
    ],
  ])('is added %s', (_, before, after) => {
    expect(edited(before, (source) => addReExport(source, './x.ts', ['x']))).toBe(after);
  });
});

describe('an element and a property', () => {
  const list = (source: ts.SourceFile) => constantOf(source, 'list') as ts.ArrayLiteralExpression;
  const object = (source: ts.SourceFile) => constantOf(source, 'object') as ts.ObjectLiteralExpression;

  test.each([
    ['[]', '[x,]'],
    ['[a]', '[a, x]'],
    ['[a, // the first\n  b, // the last\n]', '[a, // the first\n  b, // the last\nx,]'],
    ['[a, b // the last\n]', '[a, b, x // the last\n]'],
  ])('at the end of %j', (before, after) => {
    expect(edited(`const list = ${before};`, (source) => [addElement(list(source), 'x')])).toBe(
      `const list = ${after};`,
    );
  });

  test.each([
    ['{}', '{x: 1,}'],
    ['{ a, ...b }', '{ a, ...b, x: 1 }'],
    ['{ a: 1, }', '{ a: 1, x: 1,}'],
  ])('at the end of %j', (before, after) => {
    expect(edited(`const object = ${before};`, (source) => [addProperty(object(source), 'x: 1')])).toBe(
      `const object = ${after};`,
    );
  });
});

test('edits at the same place stay in their order', () => {
  expect(
    applyEdits(
      'ab',
      [1, 2, 3].map((each) => ({ start: 1, end: 1, text: String(each) })),
    ),
  ).toBe('a123b');
});

test('what does not compile is not edited, and the fault says where', () => {
  expect(() => parse('apps/x/src/main.ts', 'const a = 1;\nconst b = ;\n')).toThrow(
    /^Cannot edit apps\/x\/src\/main\.ts: it does not compile at line 2: Expression expected\. Nothing was written\.$/,
  );
});

describe('all of a file', () => {
  test.each([
    ['in order', `import { a } from './z.ts';\n`, `import * as x from './x.ts';\nimport { a } from './z.ts';\n`],
    ['not a second time', `import * as x from './x.ts';\n`, `import * as x from './x.ts';\n`],
    [
      'beside names of it',
      `import { a } from './x.ts';\n`,
      `import { a } from './x.ts';\nimport * as x from './x.ts';\n`,
    ],
  ])('is imported under a name %s', (_, before, after) => {
    expect(edited(before, (source) => addNamespaceImport(source, './x.ts', 'x'))).toBe(after);
  });
});

test.each([
  ['before another one', '{ a, b: 1 }', '{ a, x, b: 1 }'],
  ['at the end where that is not there', '{ a }', '{ a, x }'],
])('a property is added %s', (_, before, after) => {
  const added = edited(`f(${before});`, (source) => [addProperty(objectGivenTo(source, 'f')!, 'x', 'b')]);
  expect(added).toBe(`f(${after});`);
});

describe('sub-commands', () => {
  const add = (before: string, place: 'first' | 'last') =>
    edited(`f(${before});`, (source) => [addCommands(objectGivenTo(source, 'f')!, ['x()', 'y()'], place)!]);
  test.each([
    ['last', '{ commands: [a()], start() {} }', '{ commands: [a(), x(), y()], start() {} }'],
    ['first', '{ commands: [a()], start() {} }', '{ commands: [x(), y(), a()], start() {} }'],
    ['first', '{ commands: [], start() {} }', '{ commands: [x(), y(),], start() {} }'],
    ['first', '{ start() {} }', '{ commands: [x(), y()],\nstart() {} }'],
  ] as const)('are added %s to %s', (place, before, after) => {
    expect(add(before, place)).toBe(`f(${after});`);
  });

  test('are not added where they are no list', () => {
    const source = parse('x.ts', 'f({ commands: all, start() {} });');
    expect(addCommands(objectGivenTo(source, 'f')!, ['x()'], 'last')).toBeUndefined();
  });
});
