import { FsTree } from 'nx/src/generators/tree';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { service } from '../src/generators/service/generator.ts';
import { sync } from '../src/generators/sync/generator.ts';
import { Refusal } from '../src/tree/refusal.ts';
import { renewDocuments, writeAsyncApi } from '../src/tree/documents.ts';
import { createCommittedScratch, generate } from './generate.ts';
import { scope } from './scratch.ts';

// A generator that adds an event changes the contract in its tree, and has the document written before anything is on the disk.

const scratch = createCommittedScratch();
const root = 'libs/contracts/stock';
afterAll(() => scratch[Symbol.dispose]());
beforeAll(async () => void (await generate(scratch.root, (tree) => service(tree, { name: 'stock' }))), 60_000);

/** A tree in which the contract has an event. */
function withEvent(summary: string): FsTree {
  const tree = new FsTree(scratch.root, false);
  tree.write(
    `${root}/src/events.ts`,
    [
      `import { defineEvent } from '${scope}/contract';`,
      "import * as z from 'zod';",
      `export const levelSet = defineEvent({ type: 'stock.level.set.v1', summary: ${summary}, data: z.object({}) });\n`,
    ].join('\n'),
  );
  const contract = tree.read(`${root}/src/contract.ts`, 'utf8')!;
  tree.write(
    `${root}/src/contract.ts`,
    `import asyncapi from './asyncapi.json' with { type: 'json' };\nimport { levelSet } from './events.ts';\n${contract}`.replace(
      '  openapi,\n',
      '  openapi,\n  publishes: [levelSet],\n  asyncapi,\n',
    ),
  );
  return tree;
}

const documentIn = (tree: FsTree) => JSON.parse(tree.read(`${root}/src/asyncapi.json`, 'utf8')!);

test('the document of messages is made of a contract that is not written yet', () => {
  const tree = withEvent("'Set'");
  writeAsyncApi(tree, root, 'Cannot add the event');
  expect(documentIn(tree)).toMatchObject({
    asyncapi: '3.0.0',
    components: { messages: { 'stock.level.set.v1': { summary: 'Set' } } },
  });
  expect(scratch.changes().filter((file) => file.includes('asyncapi'))).toEqual([]);
});

test('a contract that does not run is refused with what is wrong', () => {
  const write = () => writeAsyncApi(withEvent('missing'), root, 'Cannot add the event');
  expect(write).toThrow(Refusal);
  expect(write).toThrow('missing is not defined');
});

test('a contract without messages has no document of them, and no test that holds one', async () => {
  const tree = new FsTree(scratch.root, false);
  expect(renewDocuments(tree, root, 'Cannot write')).toEqual([`${root}/src/openapi.json`]);
  await sync(tree);
  expect(tree.exists(`${root}/src/asyncapi.json`)).toBe(false);
  expect(tree.exists(`${root}/src/asyncapi.test.ts`)).toBe(false);
});

test('a contract with messages has both documents, and the workspace keeps the test of each', async () => {
  const tree = withEvent("'Set'");
  tree.write(`${root}/src/asyncapi.json`, '{"asyncapi":"3.0.0"}\n');
  expect(renewDocuments(tree, root, 'Cannot write')).toEqual([`${root}/src/openapi.json`, `${root}/src/asyncapi.json`]);
  expect(Object.keys(documentIn(tree).channels)).toEqual(['stock.level.set.v1']);
  await sync(tree);
  expect(tree.read(`${root}/src/asyncapi.test.ts`, 'utf8')).toContain("toMatchFileSnapshot('asyncapi.json')");
});

test('a contract of messages alone has that document alone', () => {
  const tree = withEvent("'Set'");
  tree.write(`${root}/src/asyncapi.json`, '{"asyncapi":"3.0.0"}\n');
  tree.delete(`${root}/src/openapi.json`);
  const contract = tree.read(`${root}/src/contract.ts`, 'utf8')!;
  tree.write(`${root}/src/contract.ts`, contract.replace(/^import openapi .*\n/m, '').replace(/^ *openapi,\n/m, ''));
  expect(renewDocuments(tree, root, 'Cannot write')).toEqual([`${root}/src/asyncapi.json`]);
});
