import { FsTree } from 'nx/src/generators/tree';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from '../src/edit/edits.ts';
import { constantOf, objectGivenTo, unwrapped, valueOf } from '../src/edit/find.ts';
import { consumer } from '../src/generators/consumer/generator.ts';
import { event } from '../src/generators/event/generator.ts';
import { route } from '../src/generators/route/generator.ts';
import { service } from '../src/generators/service/generator.ts';
import type { Manifest } from '../src/workspace.ts';
import { workspaceRoot } from './scratch.ts';

// The example is what the generators make, grown by hand. Here it is made anew, in a tree that is never written, and
// compared: what the generators know, the example has, so neither of them can go its own way.

const name = 'example-service';
const app = `apps/${name}`;
const contract = `libs/contracts/${name}`;

/** How the example's endpoints are made. */
const endpoints = [
  { endpoint: 'POST /orders' },
  { endpoint: 'GET /orders' },
  { endpoint: 'GET /orders/export', operation: 'exportOrders' },
  { endpoint: 'GET /orders/:id' },
  { endpoint: 'POST /orders/:id/cancel' },
];

/** What a new service greets with, and what the example has in its place. */
const replaced: Readonly<Record<string, string>> = {
  [`${app}/src/greetings.ts`]: `${app}/src/orders.ts`,
  [`${app}/src/utils/capitalize.ts`]: `${app}/src/utils/money.ts`,
  [`${app}/src/utils/capitalize.test.ts`]: `${app}/src/utils/money.test.ts`,
  [`${app}/src/routes/greetings.ts`]: `${app}/src/routes/orders.ts`,
  [`${app}/src/routes/greetings.test.ts`]: `${app}/src/routes/orders.test.ts`,
  [`${app}/src/models/greetings.ts`]: `${app}/src/models/orders.ts`,
  [`${app}/migrations/0001_greetings.ts`]: `${app}/migrations/0001_orders.ts`,
  [`${app}/test/built.test.ts`]: `${app}/test/shutdown.test.ts`,
};

/** What the example has gone on from. */
const grown = [
  ...[
    'README.md',
    'package.json',
    'src/config.ts',
    'src/main.ts',
    'src/models/index.ts',
    'migrations/index.ts',
    'migrations/snapshot.json',
    'src/routes/orders.ts',
    'src/consumers/payments.ts',
  ].map((file) => `${app}/${file}`),
  ...[
    'README.md',
    'package.json',
    'src/contract.ts',
    'src/index.ts',
    'src/operations.ts',
    'src/openapi.json',
    'src/events.ts',
    'src/asyncapi.json',
  ].map((file) => `${contract}/${file}`),
];

const example = new FsTree(workspaceRoot, false);
const replay = new FsTree(workspaceRoot, false);
const textOf = (tree: FsTree, file: string) => tree.read(file, 'utf8') ?? '';
const sourceOf = (tree: FsTree, file: string) => parse(file, textOf(tree, file));
const jsonOf = (tree: FsTree, file: string) => JSON.parse(textOf(tree, file)) as Manifest;

function filesOf(tree: FsTree, folder: string, without = ['dist', 'node_modules', '.data', 'deploy']): string[] {
  return tree.children(folder).flatMap((child) => {
    const path = `${folder}/${child}`;
    if (without.includes(child)) return [];
    return tree.isFile(path) ? [path] : filesOf(tree, path, without);
  });
}

beforeAll(async () => {
  for (const folder of [app, contract]) for (const file of filesOf(replay, folder, [])) replay.delete(file);
  await service(replay, { name, broker: true, database: true, secrets: ['vault', 'kubernetes'] });
  for (const each of endpoints) await route(replay, { service: name, ...each });
  await event(replay, { service: name, type: 'orders.order.placed.v1' });
  await consumer(replay, { service: name, type: 'payments.payment.settled.v1' });
}, 60_000);

describe('the example, made anew by the generators,', () => {
  test('has the files that it has, but for what a new service greets with', () => {
    const missing = [...filesOf(replay, app), ...filesOf(replay, contract)]
      .map((file) => replaced[file] ?? file)
      // A route and a handler come with a test of their own; the example tests those of one file in one.
      .filter((file) => !/\/(?:routes|consumers)\/\w+-[\w-]+\.test\.ts$/.test(file))
      .filter((file) => !example.exists(file));
    expect(missing).toEqual([]);
  });

  test('differs from it in no file but those that it has gone on from, and in all of these', () => {
    const differing = [...filesOf(replay, app), ...filesOf(replay, contract)]
      .filter((file) => example.exists(file) && textOf(example, file) !== textOf(replay, file))
      .sort();
    expect(differing).toEqual([...grown].sort());
  });

  test.each([app, contract])('has a package.json of which %s has everything', (root) => {
    const [whole, made] = [example, replay].map((tree) => jsonOf(tree, `${root}/package.json`));
    expect(whole).toMatchObject({ ...made, dependencies: made!.dependencies });
  });

  test('promises the same operations in the same order', () => {
    const operationsOf = (tree: FsTree) =>
      elementsOf(
        valueOf(objectGivenTo(sourceOf(tree, `${contract}/src/contract.ts`), 'defineContract')!, 'operations'),
      );
    expect(operationsOf(replay).filter((each) => each !== 'getGreeting')).toEqual(operationsOf(example));
  });

  test('has them at the same paths by the same methods, and defined in the same file', () => {
    const placesOf = (tree: FsTree) => {
      const source = sourceOf(tree, `${contract}/src/operations.ts`);
      return namesIn(source)
        .filter((each) => each !== 'getGreeting')
        .flatMap((each) => {
          const call = constantOf(source, each);
          const object = call && ts.isCallExpression(call) ? call.arguments[0] : undefined;
          if (!object || !ts.isObjectLiteralExpression(object)) return [];
          return [[each, ...['id', 'method', 'path'].map((key) => valueOf(object, key)?.getText())]];
        });
    };
    expect(placesOf(replay)).toEqual(placesOf(example));
  });

  test('has a handler for each in the same list of the same function', () => {
    const file = `${app}/src/routes/orders.ts`;
    const routesOf = (tree: FsTree) => {
      const source = sourceOf(tree, file);
      return namesIn(source).map((each) => {
        const list = constantOf(source, each);
        const body = list && ts.isArrowFunction(list) ? (list.body as ts.Expression) : undefined;
        const calls = body && ts.isArrayLiteralExpression(unwrapped(body)) ? elementsOf(body) : [];
        return [each, calls.map((call) => /^implement\((\w+)/.exec(call)?.[1])];
      });
    };
    expect(routesOf(replay)).toEqual(routesOf(example));
  });

  test.each(['src/main.ts', 'src/config.ts'])('has a %s of which the example has every import and export', (file) => {
    const skeletonOf = (tree: FsTree) => {
      const source = sourceOf(tree, `${app}/${file}`);
      const imports = source.statements.filter(ts.isImportDeclaration).map((each) => each.moduleSpecifier.getText());
      return [...imports, ...namesIn(source)].filter((each) => !/greeting/i.test(each));
    };
    expect(skeletonOf(example)).toEqual(expect.arrayContaining(skeletonOf(replay)));
  });

  test('is defined by the same keys, and serves last', () => {
    const definitionOf = (tree: FsTree) => objectGivenTo(sourceOf(tree, `${app}/src/main.ts`), 'defineService')!;
    const [whole, made] = [example, replay].map((tree) =>
      definitionOf(tree).properties.map((each) => each.name?.getText()),
    );
    expect(whole).toEqual(made);
    const lastOf = (tree: FsTree) => {
      const start = definitionOf(tree).properties.find((each) => each.name?.getText() === 'start');
      return start && ts.isMethodDeclaration(start) ? start.body?.statements.at(-1)?.getText() : undefined;
    };
    // Of what is sent twice the example keeps the answers as well.
    expect(lastOf(example)?.replace(', idempotency', '')).toBe(lastOf(replay));
  });
});

/** The names that a file exports as constants. */
function namesIn(source: ts.SourceFile): string[] {
  return source.statements
    .filter(ts.isVariableStatement)
    .filter((each) => each.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .flatMap(({ declarationList }) => declarationList.declarations.map((each) => each.name.getText()));
}

function elementsOf(expression: ts.Expression | undefined): string[] {
  const list = expression && unwrapped(expression);
  return list && ts.isArrayLiteralExpression(list) ? list.elements.map((each) => each.getText()) : [];
}
