import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connect } from '../src/generators/connect/generator.ts';
import { route } from '../src/generators/route/generator.ts';
import { service } from '../src/generators/service/generator.ts';
import { createCommittedScratch, generate } from './generate.ts';
import { scope } from './scratch.ts';

// `shop` calls `stock` and consumes its events; what `stock` promises is changed on a branch, as its team would.

const scratch = createCommittedScratch();
const contract = 'libs/contracts/stock';
afterAll(() => scratch[Symbol.dispose]());

beforeAll(async () => {
  for (const name of ['shop', 'stock']) await generate(scratch.root, (tree) => service(tree, { name }));
  await generate(scratch.root, (tree) => route(tree, { service: 'stock', endpoint: 'POST /levels' }));
  await generate(scratch.root, (tree) => connect(tree, { from: 'shop', to: 'stock' }));
  scratch.write(
    'apps/shop/src/levels.ts',
    'export const setLevel = (stock: any) => stock.createLevel({ body: {} });\n',
  );
  scratch.write(
    `${contract}/src/events.ts`,
    [
      `import { defineCommand, defineEvent } from '${scope}/contract';`,
      "import * as z from 'zod';",
      'const data = z.object({ name: z.string() });',
      "export const levelSet = defineEvent({ type: 'stock.level.set.v1', summary: 'Set', data });",
      "export const setLevel = defineCommand({ type: 'stock.level.set-to.v1', summary: 'Set it', data });\n",
    ].join('\n'),
  );
  scratch.write(`${contract}/src/asyncapi.json`, messages);
  scratch.write(
    'apps/shop/src/consumers/on-level-set.ts',
    `import { levelSet } from '${scope}/stock-contract';\nexport const onLevelSet = levelSet;\n`,
  );
  scratch.write('apps/audit/package.json', { name: `${scope}/audit`, type: 'module', nx: { tags: ['layer:app'] } });
  scratch.write('apps/audit/src/main.ts', "export const types = ['stock.level.set.v1'];\n");
  scratch.commit();
  git('switch', '--quiet', '--create', 'change');
}, 60_000);

afterEach(() => {
  git('checkout', '--quiet', 'main', '--', contract);
  rmSync(join(scratch.root, contract, 'waivers.json'), { force: true });
});

function git(...line: string[]): void {
  const { status, stderr } = spawnSync('git', line, { cwd: scratch.root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

function compare(...options: string[]): { status: number | null; output: string } {
  return compareIn(contract, ...options);
}

function compareIn(folder: string, ...options: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(scratch.root, 'tools/src/compatibility/main.ts'), ...options],
    { cwd: join(scratch.root, folder), encoding: 'utf8', env: { ...process.env, NX_BASE: undefined } },
  );
  return { status, output: stdout + stderr };
}

const schema = () => ({ type: 'object', properties: { name: { type: 'string' } }, required: ['name'] });
const messages = {
  asyncapi: '3.0.0',
  info: { version: '1.0.0' },
  operations: {
    'publish.stock.level.set.v1': {
      ...{ action: 'send', tags: [{ name: 'event' }] },
      messages: [{ $ref: '#/components/messages/stock.level.set.v1' }],
    },
    'handle.stock.level.set-to.v1': {
      ...{ action: 'receive', tags: [{ name: 'command' }] },
      messages: [{ $ref: '#/components/messages/stock.level.set-to.v1' }],
    },
  },
  components: {
    messages: {
      'stock.level.set.v1': { name: 'stock.level.set.v1', payload: schema() },
      'stock.level.set-to.v1': { name: 'stock.level.set-to.v1', payload: schema() },
    },
  },
};

/** Changes the committed document of the messages. */
function changeMessages(edit: (document: typeof messages) => void): void {
  const document = structuredClone(messages);
  edit(document);
  scratch.write(`${contract}/src/asyncapi.json`, document);
}

/** Changes the committed document, as it is written anew after a change of the contract. */
function change(edit: (document: Document) => void): void {
  const document = JSON.parse(readFileSync(join(scratch.root, contract, 'src/openapi.json'), 'utf8')) as Document;
  edit(document);
  scratch.write(`${contract}/src/openapi.json`, document);
}

interface Schema {
  properties: Record<string, object>;
  required: string[];
}

interface Document {
  info: { version: string };
  paths: Record<string, { post: { requestBody: { content: { 'application/json': { schema: Schema } } } } }>;
}

const bodyOf = ({ paths }: Document) => paths['/levels']!.post.requestBody.content['application/json'].schema;

function rename(document: Document): void {
  const body = bodyOf(document);
  body.properties = { title: body.properties.name! };
  body.required = ['title'];
}

const waiver = (place: string) => ({ operation: 'POST /levels', place, reason: 'Nobody has called it yet.' });

test('what has not changed keeps its promises, as the inferred target says', () => {
  const { status, stdout, stderr } = scratch.run('nx', 'compatibility', 'stock-contract');
  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toMatch(new RegExp(`${scope}/stock-contract keeps its promises of main \\([0-9a-f]{10}\\)\\.`));
});

test('a field that is called something else fails, and names the operation, the places, and who uses it', () => {
  change(rename);
  const { status, output } = compare();
  expect(status).toBe(1);
  expect(output).toContain('POST /levels (createLevel)');
  expect(output).toContain('request body /name: is no longer taken');
  expect(output).toContain('request body /title: is required now');
  expect(output).toContain('used by shop: apps/shop/src/levels.ts');
  expect(output).not.toContain('used by stock');
});

test('whoever depends on the contract and does not name the operation is told of, too', () => {
  change(({ paths }) => delete paths['/greetings/{name}']);
  expect(compare().output).toContain('shop depends on the contract, and does not name the operation');
});

test('a field more passes', () => {
  change((document) => (bodyOf(document).properties.note = { type: 'string' }));
  expect(compare()).toMatchObject({ status: 0 });
});

test('a new major version may break what it likes, and says what', () => {
  change((document) => {
    rename(document);
    document.info.version = '2.0.0';
  });
  const { status, output } = compare();
  expect(status).toBe(0);
  expect(output).toContain('as it means to, 1.0.0 → 2.0.0');
});

test('a version that went back fails', () => {
  change(({ info }) => (info.version = '0.9.0'));
  expect(compare()).toMatchObject({ status: 1, output: expect.stringContaining('went back') });
});

test('a waiver lets through what it names, and nothing else', () => {
  change(rename);
  scratch.write(`${contract}/waivers.json`, [waiver('request body /name')]);
  const half = compare();
  expect(half.status).toBe(1);
  expect(half.output).not.toContain('request body /name');
  expect(half.output).toContain('request body /title');
  scratch.write(`${contract}/waivers.json`, [waiver('request body /name'), waiver('request body /title')]);
  expect(compare()).toMatchObject({ status: 0 });
});

test('a waiver of what does not break fails, until its break was merged', () => {
  scratch.write(`${contract}/waivers.json`, [waiver('request body /name')]);
  const { status, output } = compare();
  expect(status).toBe(1);
  expect(output).toContain('waives what does not break');
  scratch.commit();
  expect(compare('--base', 'HEAD')).toMatchObject({ status: 0 });
  git('reset', '--quiet', '--hard', 'main');
});

test('a waiver whose break was merged lets no other through at that place, until it is written anew', () => {
  scratch.write(`${contract}/waivers.json`, [waiver('request body /name')]);
  scratch.commit();
  change(rename);
  const { status, output } = compare('--base', 'HEAD');
  expect(status).toBe(1);
  expect(output).toContain('request body /name');
  scratch.write(
    `${contract}/waivers.json`,
    ['name', 'title'].map((name) => ({ ...waiver(`request body /${name}`), reason: 'Another one.' })),
  );
  expect(compare('--base', 'HEAD')).toMatchObject({ status: 0 });
  git('reset', '--quiet', '--hard', 'main');
});

test.each(['src/openapi.json', 'waivers.json'])('%s that is no JSON is named', (file) => {
  scratch.write(`${contract}/${file}`, '<<<<<<< HEAD\n');
  expect(compare()).toMatchObject({
    status: 1,
    output: expect.stringContaining(`Cannot read ${contract}/${file}: expected JSON, got`),
  });
});

test('a local base that is behind the one of the remote does not count', () => {
  change(rename);
  scratch.commit();
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  expect(compare()).toMatchObject({ status: 0 });
  git('update-ref', '-d', 'refs/remotes/origin/main');
  git('reset', '--quiet', '--hard', 'main');
});

test('a waiver without a reason is refused', () => {
  change(rename);
  scratch.write(`${contract}/waivers.json`, [{ ...waiver('request body /name'), reason: ' ' }]);
  expect(compare()).toMatchObject({
    status: 1,
    output: expect.stringContaining(`Cannot read ${contract}/waivers.json`),
  });
});

test('a contract that moved to another folder keeps what it promised there', () => {
  change(rename);
  git('mv', contract, `${contract}-moved`);
  expect(compareIn(`${contract}-moved`)).toMatchObject({
    status: 1,
    output: expect.stringContaining('request body /name: is no longer taken'),
  });
  git('reset', '--quiet', '--hard', 'main');
});

test('what is published is compared as well, and names the messages, the places, and who uses them by name or type', () => {
  changeMessages(({ components }) => {
    const { payload } = components.messages['stock.level.set.v1'];
    Object.assign(payload, { properties: {}, required: [] });
  });
  change(rename);
  const { status, output } = compare();
  expect(status).toBe(1);
  expect(output).toContain('POST /levels (createLevel)');
  expect(output).toMatch(
    /\n {2}event stock\.level\.set\.v1\n {4}data \/name: is gone\n {4}used by audit: apps\/audit\/src\/main\.ts\n {4}used by shop: apps\/shop\/src\/consumers\/on-level-set\.ts\n/,
  );
});

test('what is sent to a service is compared the other way, and whoever does not name it is told of, too', () => {
  changeMessages(({ components }) => {
    components.messages['stock.level.set-to.v1'].payload.required = ['name', 'amount'];
    components.messages['stock.level.set.v1'].payload.required = ['name', 'amount'];
  });
  const { status, output } = compare();
  expect(status).toBe(1);
  expect(output).toContain('command stock.level.set-to.v1');
  expect(output).toContain('data /amount: is required now');
  expect(output).toContain('shop depends on the contract, and does not name the message');
  expect(output).not.toContain('event stock.level.set.v1');
});

test('an event that is gone is found at its users, although the contract no longer names it', () => {
  changeMessages(({ operations }) => delete (operations as Partial<typeof operations>)['publish.stock.level.set.v1']);
  scratch.write(`${contract}/src/events.ts`, 'export {};\n');
  const { output } = compare();
  expect(output).toContain('event: is gone');
  expect(output).toContain('used by shop: apps/shop/src/consumers/on-level-set.ts');
});

test('a waiver of a message names its kind and type', () => {
  changeMessages(({ components }) => (components.messages['stock.level.set.v1'].payload.required = []));
  const operation = 'event stock.level.set.v1';
  scratch.write(`${contract}/waivers.json`, [{ operation, place: 'data /name', reason: 'Nobody reads it.' }]);
  expect(compare()).toMatchObject({ status: 0 });
});

test('a document that is no longer there keeps none of its promises', () => {
  rmSync(join(scratch.root, contract, 'src/asyncapi.json'));
  const { status, output } = compare();
  expect(status).toBe(1);
  expect(output).toContain('event stock.level.set.v1\n    event: is gone');
  expect(output).toContain('command stock.level.set-to.v1\n    command: is gone');
});

test('a contract that has only messages is compared by them: what breaks one fails, a major beside it passes', () => {
  rmSync(join(scratch.root, contract, 'src/openapi.json'));
  scratch.commit();
  expect(compare('--base', 'HEAD')).toMatchObject({ status: 0, output: expect.stringContaining('keeps its promises') });
  changeMessages(({ components }) => (components.messages['stock.level.set.v1'].payload.required = []));
  const broken = compare('--base', 'HEAD');
  expect(broken).toMatchObject({ status: 1, output: expect.stringContaining('data /name: may be missing now') });
  changeMessages(({ operations, components }) => {
    const [operation, message] = [
      operations['publish.stock.level.set.v1'],
      { name: 'stock.level.set.v2', payload: {} },
    ];
    const messages = [{ $ref: '#/components/messages/stock.level.set.v2' }];
    Object.assign(operations, { 'publish.stock.level.set.v2': { ...operation, messages } });
    Object.assign(components.messages, { 'stock.level.set.v2': message });
  });
  expect(compare('--base', 'HEAD')).toMatchObject({ status: 0, output: expect.stringContaining('keeps its promises') });
  git('reset', '--quiet', '--hard', 'main');
});

test('a new contract has nothing to keep', () => {
  git('branch', '--quiet', '--force', 'before', 'main~1');
  expect(compare('--base', 'before').output).toContain(`${scope}/stock-contract is new`);
});

test('where git knows no base, as in a clone of one commit, it fails and says what to do', () => {
  const { status, output } = compare('--base', 'nowhere');
  expect(status).toBe(1);
  expect(output).toContain('Fetch it (`git fetch --unshallow origin nowhere`');
});
