import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, startProcess, temporaryDirectory, waitFor, type TemporaryDirectory } from '@org/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readProjects } from '../src/workspace.ts';
import { createCommittedScratch } from './generate.ts';
import { scope, workspaceRoot } from './scratch.ts';

// The libraries as another repository gets them: packed, installed by npm in an empty folder, type-checked and run there.

const scratch = createCommittedScratch();
const libraries = readProjects(workspaceRoot).filter(({ root }) => /^libs\/(framework|contracts)\//.test(root));
let consumer: TemporaryDirectory;

const sources = {
  'src/contract.ts': `import { defineContract, defineOperation } from '${scope}/contract';
import * as z from 'zod';

export const greet = defineOperation({
  id: 'greet',
  method: 'GET',
  path: '/greetings/:name',
  summary: 'A greeting',
  params: z.object({ name: z.string() }),
  success: { status: 200, description: 'The greeting', body: z.object({ text: z.string() }) },
});

export const contract = defineContract({ name: 'greeter', version: '1.0.0', title: 'Greeter', operations: [greet] });
`,
  'src/main.ts': `import { implement, restSettings, serveRest } from '${scope}/api-rest';
import { swagger } from '${scope}/api-swagger';
import { openApiDocument } from '${scope}/contract';
import { defineService, opsSettings } from '${scope}/service';
import { contract as plain, greet } from './contract.ts';

const contract = { ...plain, openapi: await openApiDocument(plain) };
const service = defineService({
  name: 'greeter',
  contract,
  config: { rest: restSettings({ port: 3000 }), ops: opsSettings({ port: 9464 }) },
  async start({ settings, start }) {
    const routes = [implement(greet, ({ params }) => ({ text: \`hello \${params.name}\` }))];
    await start('rest', (runtime) => serveRest(settings.rest, { contract, routes, pages: [swagger()] }, runtime));
  },
});
if (import.meta.main) await service.run();
`,
  'src/call.ts': `import { createClient } from '${scope}/api-client';
import { contract } from './contract.ts';

const greeter = createClient(contract, { url: process.argv[2]!, timeoutMs: 5_000 });
console.log((await greeter.greet({ params: { name: 'Ada' } })).text);
`,
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'esnext',
      module: 'nodenext',
      types: ['node'],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      allowImportingTsExtensions: true,
    },
    include: ['src'],
  }),
};

beforeAll(async () => {
  consumer = await temporaryDirectory();
  const { status, stdout, stderr } = scratch.run('nx', 'run-many', '-t', 'pack', '-p', 'tag:layer:*');
  if (status !== 0) throw new Error(stdout + stderr);
  const tarballs = join(consumer.path, 'tarballs');
  mkdirSync(tarballs);
  const folders = libraries.map(({ root }) => `./${root}/dist`);
  npm(scratch.root, 'pack', ...folders, '--silent', '--pack-destination', tarballs);

  const files = readdirSync(tarballs);
  const nameOf = (file: string) => `${scope}/${file.slice(scope.length, file.lastIndexOf('-'))}`;
  const versions = ['zod', '@types/node'].map((name) => {
    const { version } = JSON.parse(readFileSync(join(workspaceRoot, 'node_modules', name, 'package.json'), 'utf8'));
    return [name, version as string];
  });
  const dependencies = Object.fromEntries([
    ...files.map((file) => [nameOf(file), `file:tarballs/${file}`]),
    ...versions,
  ]);
  writeFileSync(join(consumer.path, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  mkdirSync(join(consumer.path, 'src'));
  for (const [file, text] of Object.entries(sources)) writeFileSync(join(consumer.path, file), text);
  npm(consumer.path, 'install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund');
}, 600_000);

afterAll(async () => {
  await consumer?.[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
});

function npm(cwd: string, ...line: string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', line, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${line.join(' ')}: ${stderr}`);
  return stdout;
}

test('every library is installed, as JavaScript with its types, its README and the licence, and nothing else', () => {
  const installed = readdirSync(join(consumer.path, 'node_modules', scope));
  expect(installed).toEqual(libraries.map(({ shortName }) => shortName).sort());
  for (const name of installed) {
    const folder = join(consumer.path, 'node_modules', scope, name);
    const files = globSync('**/*', { cwd: folder });
    expect(files, name).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'index.js', 'index.d.ts']));
    expect(
      files.filter((file) => /(?<!\.d)\.ts$|\.test\.|\.map$|^src\b/.test(file)),
      name,
    ).toEqual([]);
    const manifest = readFileSync(join(folder, 'package.json'), 'utf8');
    expect(manifest).not.toContain(`${scope}/source`);
    expect(manifest).not.toContain('"*"');
    const texts = files
      .filter((file) => /\.(js|json)$/.test(file))
      .map((file) => readFileSync(join(folder, file), 'utf8'));
    expect(texts.filter((text) => text.includes(scratch.root))).toEqual([]);
  }
});

test('a service made of them is type-checked, their declarations included', () => {
  const compiler = join(workspaceRoot, 'node_modules/typescript-native/bin/tsc');
  const { stdout, status } = spawnSync(process.execPath, [compiler, '-p', '.'], {
    cwd: consumer.path,
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});

test.each([
  ['', []],
  [', also where the condition that leads to sources is set', [`--conditions=${scope}/source`]],
])('it serves, is called, shows its page, and stops with exit code 0%s', async (_, conditions) => {
  const [port, opsPort] = await freePorts(2);
  const env = { PORT: String(port), OPS_PORT: String(opsPort), LOG_FORMAT: 'json', NODE_OPTIONS: conditions.join(' ') };
  await using service = await startProcess(join(consumer.path, 'src/main.ts'), [], { cwd: consumer.path, env });
  await waitFor(async () => (await fetch(`http://localhost:${opsPort}/readyz`)).status === 200, { what: 'readiness' });
  const call = spawnSync(process.execPath, ['src/call.ts', `http://localhost:${port}`], {
    cwd: consumer.path,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: conditions.join(' ') },
  });
  expect(call.stdout + call.stderr).toBe('hello Ada\n');
  expect((await fetch(`http://localhost:${port}/docs/swagger-ui-bundle.js`)).status).toBe(200);
  const ops = await fetch(`http://localhost:${opsPort}/`, { headers: { accept: 'text/html' } });
  expect(await ops.text()).toContain('<!doctype html>');
  service.kill('SIGTERM');
  expect(await service.exit).toEqual({ code: 0, signal: null });
});

test('a library whose `exports` name a file that the build did not make is not published', () => {
  const file = 'libs/framework/errors/package.json';
  const manifest = JSON.parse(readFileSync(join(scratch.root, file), 'utf8'));
  scratch.write(file, { ...manifest, exports: { ...manifest.exports, './gone': './dist/gone.js' } });
  const { status, stdout, stderr } = scratch.run('nx', 'pack', 'errors');
  scratch.write(file, manifest);
  expect(status).toBe(1);
  expect(stdout + stderr).toMatch(/errors: .*gone\.js/);
}, 60_000);

test('a release bumps the framework as one, writes changelogs from the plans, and leaves a lock file in step', () => {
  scratch.write('.nx/version-plans/one.md', '---\nframework: minor\n---\n\nconfig: durations take hours\n');
  cpSync(join(workspaceRoot, '.gitignore'), join(scratch.root, '.gitignore'));
  scratch.commit();
  const identity = { name: 'test', email: 'test@example.com' };
  for (const [key, value] of Object.entries(identity))
    spawnSync('git', ['config', `user.${key}`, value], { cwd: scratch.root });
  const { status, stdout, stderr } = scratch.run('nx', 'release', '--skip-publish', '--first-release');
  expect(status, stdout + stderr).toBe(0);

  const framework = readProjects(scratch.root).filter(({ root }) => root.startsWith('libs/framework/'));
  const [version, ...others] = new Set(framework.map(({ manifest }) => manifest.version));
  expect(others).toEqual([]);
  expect(version).not.toBe(libraries.find(({ shortName }) => shortName === 'config')?.manifest.version);
  for (const { root } of framework) {
    expect(readFileSync(join(scratch.root, root, 'CHANGELOG.md'), 'utf8')).toContain('- config: durations take hours');
  }
  expect(existsSync(join(scratch.root, '.nx/version-plans/one.md'))).toBe(false);
  const before = readFileSync(join(scratch.root, 'package-lock.json'), 'utf8');
  npm(scratch.root, 'install', '--package-lock-only', '--offline', '--ignore-scripts', '--no-audit', '--no-fund');
  expect(readFileSync(join(scratch.root, 'package-lock.json'), 'utf8')).toBe(before);
}, 120_000);
