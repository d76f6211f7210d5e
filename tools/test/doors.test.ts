import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScratch, scope } from './scratch.ts';

// Stand-ins for the libraries of each layer, with nothing in them but what they import of one another.
const base = ['errors', 'context', 'config', 'logging', 'metrics', 'telemetry', 'health', 'runtime'];
const libraries: Record<string, { layer: string; imports?: string[]; doors?: string[] }> = {
  ...Object.fromEntries(base.map((name, index) => [name, { layer: 'base', imports: base.slice(0, index) }])),
  payload: { layer: 'base', imports: ['errors', 'context'] },
  contract: { layer: 'base', imports: ['errors', 'payload'] },
  resilience: { layer: 'base', imports: ['errors', 'context', 'metrics'] },
  service: { layer: 'kernel', imports: base, doors: ['testing'] },
  messaging: { layer: 'port', imports: ['errors'], doors: ['testing', 'conformance'] },
  database: { layer: 'port', imports: ['errors'], doors: ['testing'] },
  documents: { layer: 'port', imports: ['errors', 'database'] },
  session: { layer: 'port', imports: ['errors', 'database'] },
  'api-rest': { layer: 'port', imports: ['errors'] },
  'api-swagger': { layer: 'adapter', imports: ['errors', 'api-rest'] },
  'messaging-rabbitmq': { layer: 'adapter', imports: ['errors', 'messaging'] },
  'messaging-nats': { layer: 'adapter', imports: ['errors', 'messaging'] },
  testing: { layer: 'testing' },
};

const nxRule = '@nx/enforce-module-boundaries';
const doorsRule = 'workspace/doors';
const roomsRule = 'workspace/rooms';
const typeRule = '@typescript-eslint/consistent-type-imports';
const syntaxRule = 'no-restricted-syntax';
const endpointsRule = 'workspace/only-endpoints';
const rules = [nxRule, doorsRule, roomsRule, typeRule, syntaxRule, endpointsRule];

/** What is tried: in which file, which code, and which rule refuses it. */
interface Case {
  name: string;
  file: string;
  code: string;
  refusedBy?: string;
}

/** How one module can import another. */
const forms: Record<string, (specifier: string) => string> = {
  static: (specifier) => `import { x } from '${specifier}';\nexport const y = x;`,
  'type-only': (specifier) => `import type { X } from '${specifier}';\nexport type Y = X;`,
  dynamic: (specifier) => `export const y = await import('${specifier}');`,
  'export from': (specifier) => `export { x } from '${specifier}';`,
  'export all': (specifier) => `export * from '${specifier}';`,
  'for its effects': (specifier) => `import '${specifier}';`,
};

function inEveryForm(name: string, file: string, specifier: string, refusedBy?: string): Case[] {
  return Object.entries(forms).map(([form, code]) => ({
    name: `${name}: ${form}`,
    file,
    code: code(specifier),
    refusedBy,
  }));
}

function imports(name: string, file: string, specifier: string, refusedBy?: string): Case {
  return { name, file, code: forms.static?.(specifier) ?? '', refusedBy };
}

const library = (name: string, file = 'case.ts') => `libs/framework/${name}/src/${file}`;
const contract = (name: string) => `libs/contracts/${name}/src/case.ts`;
const shared = (name: string) => `libs/shared/${name}/src/case.ts`;
const app = (file = 'case.ts') => `apps/orders/src/${file}`;
const own = (name: string) => `${scope}/${name}`;

const forbidden: Case[] = [
  ...inEveryForm('later in the base order', library('config'), own('logging'), nxRule),
  imports('from the ordered base to one beside it', library('runtime'), own('contract'), nxRule),
  imports('between two beside the order', library('payload'), own('resilience'), nxRule),
  imports('from the base to the kernel', library('errors'), own('service'), nxRule),
  imports('from the base to a port', library('contract'), own('database'), nxRule),
  imports('from the kernel to a port', library('service'), own('database'), nxRule),
  imports('from the kernel to an adapter', library('service'), own('messaging-nats'), nxRule),
  imports('from a port to the kernel', library('messaging'), own('service'), nxRule),
  imports('from a port to another', library('messaging'), own('database'), nxRule),
  imports('from documents to a port other than database', library('documents'), own('messaging'), nxRule),
  imports('from a port to its adapter', library('messaging'), own('messaging-nats'), nxRule),
  imports('from an adapter to another', library('messaging-nats'), own('messaging-rabbitmq'), nxRule),
  imports('from an adapter to the kernel', library('messaging-nats'), own('service'), nxRule),
  imports('from a library to a contract', library('api-rest'), own('orders-contract'), nxRule),
  imports('from a contract to other base libraries', contract('orders'), own('config'), nxRule),
  imports('from a contract to another', contract('payments'), own('orders-contract'), nxRule),
  imports('from a contract to a shared library', contract('orders'), own('money'), nxRule),
  imports('from a shared library to the kernel', shared('money'), own('service'), nxRule),
  imports('from a shared library to a port', shared('money'), own('database'), nxRule),
  imports('from a shared library to an adapter', shared('money'), own('messaging-nats'), nxRule),
  imports('from the framework to a shared library', library('messaging'), own('money'), nxRule),
  imports('from an application to the tools', app(), own('tools'), doorsRule),
  imports('from an application to another', app(), own('payments'), doorsRule),
  imports('from a library to an application', library('errors'), own('orders'), doorsRule),
  imports('from the tools to a library', 'tools/src/case.ts', own('errors'), nxRule),
  imports('from the testing library to another', library('testing'), own('errors'), nxRule),
  imports('to the testing library outside tests', library('messaging'), own('testing'), nxRule),

  ...inEveryForm('a cycle', library('errors'), own('context'), nxRule),
  imports('a cycle that only a test closes', library('errors', 'case.test.ts'), own('documents'), nxRule),
  imports('a package by its own name', library('config'), own('config'), doorsRule),
  ...inEveryForm('a file of another project', library('logging'), '../../errors/src/index.ts', nxRule),
  imports('a file of an application', library('logging'), '../../../../apps/orders/src/index.ts', nxRule),

  ...inEveryForm('a deep import', library('logging'), own('errors/src/index.ts'), doorsRule),
  imports('a deep import in tests', library('logging', 'case.test.ts'), own('errors/src/index.ts'), doorsRule),
  imports('a door that the package does not have', app('case.test.ts'), own('documents/testing'), doorsRule),
  ...inEveryForm('a door for tests, outside tests', app(), own('database/testing'), doorsRule),
  imports('a suite outside tests', library('messaging-nats'), own('messaging/conformance'), doorsRule),
  imports('what a library offers to tests, from its sources', library('messaging'), './testing/index.ts', doorsRule),
  imports('a test from the sources', library('messaging'), './case.test.ts', doorsRule),
  imports('the root door of another port in tests', library('messaging', 'case.test.ts'), own('database'), doorsRule),
  imports('the root door of the kernel in tests', library('messaging', 'case.test.ts'), own('service'), doorsRule),
  imports(
    'what a port offers, in tests of the base',
    library('contract', 'case.test.ts'),
    own('messaging/testing'),
    doorsRule,
  ),

  ...inEveryForm('a client outside its room', library('config'), 'find-my-way', roomsRule),
  imports('a file of a client outside its room', library('config'), 'find-my-way/lib/node.js', roomsRule),
  imports('a client outside the room of its scope', library('metrics'), '@opentelemetry/sdk-trace', roomsRule),
  imports('a client in an application', app(), 'pg', roomsRule),
  imports('a client in a shared library', shared('money'), 'pg', roomsRule),
  imports('a client in what a library offers to tests', library('messaging', 'testing/case.ts'), 'pg', roomsRule),
  imports('the values of a client whose types are spoken', library('api-swagger'), 'express', roomsRule),
  imports('a package without a room, in a library', library('config'), 'left-pad', roomsRule),

  {
    name: 'the type of an import',
    file: library('config'),
    code: `export type Y = import('find-my-way').X;`,
    refusedBy: typeRule,
  },
  {
    name: 'a computed import',
    file: library('config'),
    code: 'export const y = await import(`find-my-way`);',
    refusedBy: syntaxRule,
  },
  {
    name: 'zod by its names',
    file: library('config'),
    code: `import { z } from 'zod';\nexport const y = z;`,
    refusedBy: syntaxRule,
  },
  { name: 'an export by default', file: app(), code: 'export default 1;', refusedBy: syntaxRule },
  ...[
    'const help = 1;\nexport const caseRoutes = () => [implement(help)];',
    'function help() {}\nexport const caseRoutes = () => [implement(help)];',
    'export type X = 1;',
    'export const limit = 3;',
    'export const caseRoutes = () => [other()];',
    'export const caseRoutes = [implement()];',
    'export const something = () => [implement()];',
  ].map((code) => ({ name: `among routes: ${code}`, file: app('routes/case.ts'), code, refusedBy: endpointsRule })),
  {
    name: 'a helper among consumers',
    file: app('consumers/case.ts'),
    code: 'const help = 1;\nexport const onCase = () => handle(help);',
    refusedBy: endpointsRule,
  },
];

const allowed: Case[] = [
  ...inEveryForm('earlier in the base order', library('logging'), own('config')),
  imports('the last of the base order to the one before', library('runtime'), own('health')),
  imports('from payload to context', library('payload'), own('context')),
  imports('from contract to payload', library('contract'), own('payload')),
  imports('from resilience to metrics', library('resilience'), own('metrics')),
  imports('from the kernel to the base', library('service'), own('contract')),
  imports('from a port to the base', library('messaging'), own('payload')),
  imports('from documents to database', library('documents'), own('database')),
  imports('from session to database', library('session'), own('database')),
  imports('from an adapter to its port', library('messaging-nats'), own('messaging')),
  imports('from an adapter to the base', library('messaging-nats'), own('runtime')),
  imports('from a contract to contract', contract('orders'), own('contract')),
  imports('from a contract to payload', contract('orders'), own('payload')),
  imports('from a shared library to the base', shared('money'), own('errors')),
  imports('from a shared library to a contract', shared('money'), own('orders-contract')),
  imports('from a shared library to another', shared('invoices'), own('money')),
  imports('from an application to the base', app(), own('errors')),
  imports('from an application to the kernel', app(), own('service')),
  imports('from an application to a port', app(), own('database')),
  imports('from an application to an adapter', app(), own('messaging-nats')),
  imports('from an application to a contract', app(), own('orders-contract')),
  imports('from an application to a shared library', app(), own('money')),
  ...inEveryForm('a file of the same project', library('logging'), './index.ts'),
  imports('the manifest of a package', library('logging'), own('errors/package.json')),

  imports('the testing library in tests', library('errors', 'case.test.ts'), own('testing')),
  imports(
    'the testing library in what a library offers to tests',
    library('service', 'testing/case.ts'),
    own('testing'),
  ),
  imports('the testing library in a suite', library('messaging', 'conformance/case.ts'), own('testing')),
  imports('what another port offers, in tests', library('messaging', 'case.test.ts'), own('database/testing')),
  imports('a running service, in tests of a port', library('messaging', 'case.test.ts'), own('service/testing')),
  imports(
    "a port's suite in tests of its adapter",
    library('messaging-nats', 'case.test.ts'),
    own('messaging/conformance'),
  ),
  imports('a door for tests, in tests of an application', 'apps/orders/test/case.test.ts', own('database/testing')),
  imports('what a library offers to tests, from its own', library('messaging', 'case.test.ts'), './testing/index.ts'),

  ...inEveryForm('a client in its room', library('api-rest'), 'find-my-way'),
  imports('a client in the room of its scope', library('telemetry'), '@opentelemetry/sdk-trace'),
  imports('a client as an oracle in tests', library('contract', 'case.test.ts'), 'pg'),
  imports('a language', library('health'), '@opentelemetry/api'),
  { name: 'zod as a namespace', file: library('config'), code: `import * as z from 'zod';\nexport const y = z;` },
  {
    name: 'the types of a client that are spoken',
    file: library('api-swagger'),
    code: forms['type-only']?.('express') ?? '',
  },
  imports('a package without a room, in an application', app(), 'left-pad'),
  imports('a module of Node', library('errors'), 'node:fs'),
  {
    name: 'endpoints among routes',
    file: app('routes/case.ts'),
    code: 'export const caseRoutes = (x: unknown) => [implement(x, () => 1), implement(x, () => 2)];',
  },
  {
    name: 'endpoints among consumers',
    file: app('consumers/case.ts'),
    code: 'export const onCase = (x: unknown) => handle(x, () => 1);',
  },
];

const scratch = createScratch([
  'eslint.config.js',
  'nx.json',
  'tsconfig.base.json',
  'tools/src',
  'tools/package.json',
  'tools/tsconfig.json',
]);
afterAll(() => scratch[Symbol.dispose]());

/** The rules that refuse each file, by the file. */
const refusals = new Map<string, string[]>();

beforeAll(() => {
  writeWorkspace();
  scratch.link();
  // The graph is that of the stand-ins: ESLint reads it, and the cases must not make cycles of one another.
  const graph = scratch.run('nx', 'show', 'projects');
  expect(graph.stderr + graph.stdout).toContain(`${scope}/errors`);
  const cases = [...forbidden, ...allowed];
  for (const each of cases) scratch.write(fileOf(each), each.code);
  const { stdout, stderr } = scratch.run(
    'eslint',
    '--config',
    'untyped.config.js',
    '--format',
    'json',
    ...cases.map(fileOf),
  );
  if (!stdout.startsWith('[')) throw new Error(`ESLint did not run: ${stderr}${stdout}`);
  for (const { filePath, messages } of JSON.parse(stdout) as { filePath: string; messages: { ruleId: string }[] }[]) {
    refusals.set(filePath, [...new Set(messages.map(({ ruleId }) => ruleId).filter((rule) => rules.includes(rule)))]);
  }
});

test.each(forbidden)('lint refuses $name', (each) => {
  expect(refusals.get(join(scratch.root, fileOf(each)))).toContain(each.refusedBy);
});

test.each(allowed)('lint accepts $name', (each) => {
  expect(refusals.get(join(scratch.root, fileOf(each)))).toEqual([]);
});

test('a project without a layer stops every command', () => {
  scratch.write('libs/framework/errors/package.json', { name: `${scope}/errors`, version: '0.0.1', type: 'module' });
  const { status, stdout, stderr } = scratch.run('nx', 'show', 'projects');
  expect(status).not.toBe(0);
  expect(stdout + stderr).toContain('libs/framework/errors/package.json: expected `nx.tags` to name the layer');
});

/** One folder holds many cases. */
function fileOf(each: Case): string {
  return each.file.replace('case.', `case-${[...forbidden, ...allowed].indexOf(each)}.`);
}

function writeWorkspace(): void {
  scratch.write('package.json', {
    name: `${scope}/workspace`,
    private: true,
    type: 'module',
    workspaces: ['apps/*', 'libs/contracts/*', 'libs/framework/*', 'libs/shared/*', 'tools'],
  });
  // Nothing here needs to know types, and they would double the time.
  scratch.write(
    'untyped.config.js',
    `import tseslint from 'typescript-eslint';
     import config from './eslint.config.js';
     export default [...config, { files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked }];`,
  );
  scratch.write('.gitignore', 'node_modules\n.nx\n');
  for (const [name, { layer, imports = [], doors = [] }] of Object.entries(libraries)) {
    writeProject(`libs/framework/${name}`, name, { layer, imports, doors: ['.', ...doors.map((door) => `./${door}`)] });
  }
  for (const name of ['orders', 'payments']) {
    writeProject(`libs/contracts/${name}`, `${name}-contract`, {
      layer: 'contract',
      imports: ['contract'],
      doors: ['.'],
    });
    writeProject(`apps/${name}`, name, { layer: 'app', imports: ['errors'], doors: [] });
  }
  writeProject('libs/shared/money', 'money', { layer: 'shared', imports: ['errors'], doors: ['.'] });
  writeProject('libs/shared/invoices', 'invoices', { layer: 'shared', imports: ['money'], doors: ['.'] });
}

function writeProject(root: string, name: string, about: { layer: string; imports: string[]; doors: string[] }): void {
  const file = (door: string) => (door === '.' ? './src/index.ts' : `./src/${door.slice(2)}/index.ts`);
  const doors = Object.fromEntries(about.doors.map((door) => [door, { [`${scope}/source`]: file(door) }]));
  scratch.write(`${root}/package.json`, {
    name: `${scope}/${name}`,
    version: '0.0.1',
    type: 'module',
    exports: { ...doors, './package.json': './package.json' },
    dependencies: Object.fromEntries(about.imports.map((each) => [`${scope}/${each}`, '*'])),
    nx: { tags: [`layer:${about.layer}`] },
  });
  scratch.write(`${root}/tsconfig.json`, { extends: `${'../'.repeat(root.split('/').length)}tsconfig.base.json` });
  const imports = about.imports.map((each) => `import '${scope}/${each}';\n`).join('');
  scratch.write(`${root}/src/index.ts`, `${imports}export const x = 1;\nexport type X = 1;\n`);
  for (const door of about.doors.filter((each) => each !== '.'))
    scratch.write(join(root, file(door)), 'export const x = 1;\n');
}
