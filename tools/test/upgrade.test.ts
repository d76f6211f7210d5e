import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readManifest } from '../src/workspace.ts';
import { scope } from './scratch.ts';
import { createUpgradeScratch } from './upgrade-scratch.ts';
import { addVersion110, addVersion120, makeServices } from './upgrade-versions.ts';

// Two services are made from version 1.0.0 and edited as teams would. Then the workspace gets newer versions of the template,
// with codemods, in a copy of itself.

const scratch = createUpgradeScratch();
const { read, has, edit, remove, fresh, upgrade: run } = scratch;
afterAll(() => scratch[Symbol.dispose]());

const manifestOf = (name: string) => readManifest(join(scratch.root, 'apps', name, 'package.json'));
const recorded = () =>
  ['alpha-service', 'beta-service'].map((name) => manifestOf(name).nx?.metadata?.template).join(' ');

beforeAll(async () => {
  await makeServices(scratch);
  addVersion110(scratch);
}, 60_000);

describe('before anything is upgraded,', () => {
  test('a service with changes that are not committed is refused, and nothing is written', async () => {
    scratch.write('apps/alpha-service/src/draft.ts', 'export {};\n');
    const { end } = await run();
    expect(end).toContain('Cannot upgrade the services: expected the services to be committed');
    expect(end).toContain('?? apps/alpha-service/src/draft.ts');
    expect(scratch.changes()).toEqual(['apps/alpha-service/src/draft.ts']);
    remove('apps/alpha-service/src/draft.ts');
  });

  test.each([
    ['9.0.0', 'records version 9.0.0 of the template, but the newest in this workspace is 1.1.0'],
    ['0.1.0', 'records version 0.1.0 of the template, but the oldest in tools/templates is 1.0.0'],
    ['latest', 'one of 1.0.0, 1.1.0; got `latest`'],
  ])('a service that records %s is refused with what to do, and nothing is written', async (version, says) => {
    edit('apps/beta-service/package.json', '"template": "1.0.0"', `"template": "${version}"`);
    scratch.commit();
    const { end } = await run();
    expect(end).toContain('Cannot upgrade `beta-service`');
    expect(end).toContain(says);
    expect(scratch.changes()).toEqual([]);
    edit('apps/beta-service/package.json', `"template": "${version}"`, '"template": "1.0.0"');
    scratch.commit();
  });

  test('a file that would never run as a codemod is refused', async () => {
    scratch.write('tools/migrations/rename-serve.ts', 'export {};\n');
    expect((await run()).end).toContain('got tools/migrations/rename-serve.ts');
    remove('tools/migrations/rename-serve.ts');
  });

  test('a service that is not there is refused, with those that are', async () => {
    expect((await run({ service: 'gamma' })).end).toContain('there is no service `gamma`');
  });
});

describe('from 1.0.0 to 1.1.0,', () => {
  const app = 'apps/alpha-service';
  const contract = 'libs/contracts/alpha-service';
  let said: { shown: string; end: string };

  beforeAll(async () => {
    said = await run({ service: 'alpha-service' });
  });

  test('one service is upgraded when one is named', () => {
    expect(recorded()).toBe('1.1.0 1.0.0');
    expect(scratch.changes().filter((file) => !file.includes('alpha-service'))).toEqual(['package-lock.json']);
  });

  test('each step is shown, with what became of each file', () => {
    expect(said.shown.trim().split('\n')).toEqual([
      'alpha-service 1.0.0 → 1.1.0',
      '  codemod 1.1.0-name-the-service',
      `    edited    ${app}/src/config.ts`,
      '  template 1.1.0',
      `    merged    ${app}/package.json`,
      `    merged    ${app}/src/main.ts`,
      `    absent    ${app}/src/routes/greetings.test.ts`,
      `    deleted   ${app}/src/utils/capitalize.test.ts`,
      `    added     ${app}/src/utils/trim.ts`,
      `    merged    ${contract}/src/operations.ts`,
    ]);
    expect(said.end).toContain(
      `${app}/src/routes/greetings.test.ts: the template changed it, and you deleted or moved it`,
    );
  });

  test("the template's change of a file stands beside the team's", () => {
    const main = read(`${app}/src/main.ts`);
    for (const part of ['// as in the billing system', 'export const team', '[swagger()] as const']) {
      expect(main).toContain(part);
    }
    expect(Object.keys(manifestOf('alpha-service').dependencies ?? {})).toEqual(
      ['alpha-service-contract', 'api-rest', 'api-swagger', 'errors', 'runtime', 'service'].map(
        (name) => `${scope}/${name}`,
      ),
    );
    expect(manifestOf('alpha-service').dependencies?.[`${scope}/api-swagger`]).toBe('0.0.*');
  });

  test('what the team rewrote or deleted stays so', () => {
    expect(read(`${app}/README.md`)).toBe('# Alpha\n\nAll of it is in the wiki.\n');
    expect(has(`${app}/src/routes/greetings.test.ts`)).toBe(false);
  });

  test('every other file is as the newer template makes it', async () => {
    const edited = [`${app}/README.md`, `${app}/package.json`, `${app}/src/main.ts`, `${contract}/src/operations.ts`];
    const files = Object.entries(await fresh('alpha-service', '1.1.0'));
    const differing = files.filter(([file, text]) => !has(file) || read(file) !== text).map(([file]) => file);
    expect(differing).toEqual([...edited, `${app}/src/routes/greetings.test.ts`].sort());
    expect(has(`${app}/src/utils/capitalize.test.ts`)).toBe(false);
  });

  test("the contract's document is written anew, and the lock file follows", () => {
    const document = JSON.parse(read(`${contract}/src/openapi.json`));
    expect(document.paths['/greetings/{name}'].get).toMatchObject({
      summary: 'A greeting by name',
      responses: { 200: { description: 'The greeting, in English' } },
    });
    const locked = JSON.parse(read('package-lock.json')).packages[app].dependencies;
    expect(locked).toEqual(manifestOf('alpha-service').dependencies);
  });

  test('lines that both changed are a conflict: marked, listed, and the end of the way for that service', async () => {
    scratch.commit();
    const { shown, end } = await run();
    expect(shown).toContain('    conflict  apps/beta-service/src/main.ts');
    expect(shown).not.toContain('alpha-service 1.');
    expect(shown).toContain('example-service is left alone: its package.json records no version');
    expect(end).toContain('Resolve them, run the tests, and commit');
    expect(read('apps/beta-service/src/main.ts')).toContain(
      [
        '<<<<<<< yours',
        "    const pages = [swagger({ path: '/' })];",
        '||||||| template 1.0.0',
        '    const pages = [swagger()];',
        '=======',
        '    const pages = [swagger()] as const;',
        '>>>>>>> template 1.1.0',
      ].join('\n'),
    );
    expect(recorded()).toBe('1.1.0 1.1.0');
  });

  test('what was dropped but edited is kept, and a dependency that both changed stays and is told', async () => {
    expect(read('apps/beta-service/src/utils/capitalize.test.ts')).toContain("['beta', 'Beta']");
    expect(manifestOf('beta-service').dependencies?.[`${scope}/api-swagger`]).toBe('0.0.1');
    expect(manifestOf('beta-service').dependencies?.[`${scope}/errors`]).toBe('*');
  });

  test('with a conflict that is not resolved, nothing more is done', async () => {
    scratch.commit();
    const { end } = await run();
    expect(end).toContain('conflicts of an earlier upgrade are marked in these files');
    expect(end).toContain('    apps/beta-service/src/main.ts');
    expect(scratch.changes()).toEqual([]);
    edit(
      'apps/beta-service/src/main.ts',
      /<<<<<<<[^]*>>>>>>> template 1.1.0\n/,
      '    const pages = [swagger()] as const;\n',
    );
    scratch.commit();
  });

  test('once more changes nothing, and says so', async () => {
    const { end } = await run();
    expect(end).toContain('Nothing to do, all is in step');
    expect(end).toContain('alpha-service (1.1.0), beta-service (1.1.0)');
    expect(scratch.changes()).toEqual([]);
  });
});

describe('from 1.1.0 over a version with codemods only to 1.2.0,', () => {
  beforeAll(() => addVersion120(scratch));

  test('--dry-run shows the steps and writes nothing', () => {
    const { stdout } = scratch.run('nx', 'g', `${scope}/tools:upgrade`, 'beta-service', '--dry-run');
    expect(stdout).toContain('beta-service 1.1.0 → 1.1.5');
    expect(stdout).toContain('beta-service 1.1.5 → 1.2.0');
    expect(stdout).toContain('UPDATE apps/beta-service/src/main.ts');
    expect(scratch.changes()).toEqual([]);
  });

  test('a codemod that fails stops that service: its step leaves nothing, those before it stay and are recorded', () => {
    const { status, stdout, stderr } = scratch.run('nx', 'g', `${scope}/tools:upgrade`);
    expect(status).toBe(1);
    expect(stdout + stderr).toContain(
      'Cannot upgrade `alpha-service` to 1.2.0: the codemod 1.2.0-lengthen failed: no room',
    );
    expect(recorded()).toBe('1.1.5 1.2.0');
    expect(read('apps/beta-service/src/utils/capitalize.ts')).toContain('The first letter becomes a capital');
    expect(read('apps/alpha-service/src/utils/capitalize.ts')).toContain('First letter capital');
  });

  test('once it is mended, a further run goes on from there', () => {
    edit('tools/migrations/1.2.0-lengthen.ts', /if \(service.*\n/, '');
    scratch.commit();
    const { status, stdout, stderr } = scratch.run('nx', 'g', `${scope}/tools:upgrade`);
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toContain('alpha-service 1.1.5 → 1.2.0');
    expect(stdout).not.toContain('beta-service 1.');
    expect(recorded()).toBe('1.2.0 1.2.0');
  });

  test('both services are as their teams and the newest template make them', async () => {
    for (const name of ['alpha-service', 'beta-service']) {
      const app = `apps/${name}`;
      const { [`${app}/src/utils/capitalize.ts`]: capitalize, ...files } = await fresh(name, '1.2.0');
      const lengthened = capitalize!.replace('Makes the first letter a', 'The first letter becomes a');
      expect(read(`${app}/src/utils/capitalize.ts`)).toBe(lengthened);
      expect(has(`${app}/src/utils/trim.ts`)).toBe(false);
      expect(read(`${app}/src/main.ts`)).toContain('// Not when it is imported.');
      const differing = Object.entries(files).filter(([file, text]) => !has(file) || read(file) !== text);
      expect(differing.map(([file]) => file)).toEqual(
        name === 'beta-service'
          ? [`${app}/package.json`]
          : [
              ...['README.md', 'package.json', 'src/main.ts', 'src/routes/greetings.test.ts'].map(
                (file) => `${app}/${file}`,
              ),
              `libs/contracts/${name}/src/operations.ts`,
            ],
      );
    }
  });

  test('they type-check and pass their tests', () => {
    const names = ['alpha-service', 'alpha-service-contract', 'beta-service'];
    const { status, stdout, stderr } = scratch.run('nx', 'run-many', '-t', 'typecheck', 'test', '-p', names.join());
    expect(status, stdout + stderr).toBe(0);
  }, 120_000);
});

describe('a codemod', () => {
  beforeAll(() => scratch.commit());

  // Each has a name of its own: a process loads a module once.
  test.each([
    [
      '1.3.0-stray',
      "tree.write('README.md', '');",
      'expected it to edit files in apps/alpha-service and libs/contracts/alpha-service, got README.md',
    ],
    [
      '1.3.0-broken',
      'tree.write(`${service.app.root}/src/new.ts`, "const const");',
      'expected apps/alpha-service/src/new.ts to parse afterwards',
    ],
  ])('such as %s, which %j, is refused, and nothing is written', async (name, body, says) => {
    scratch.addCodemod(name, body);
    const { end } = await run();
    remove(`tools/migrations/${name}.ts`);
    expect(end).toContain(`Cannot upgrade \`alpha-service\` to 1.3.0: the codemod ${name} failed`);
    expect(end).toContain(says);
    expect(scratch.changes()).toEqual([]);
  });

  test('without a function `migrate` is refused, and nothing is written', async () => {
    scratch.write('tools/migrations/1.3.0-empty.ts', 'export const migrat = () => undefined;\n');
    const { end } = await run();
    remove('tools/migrations/1.3.0-empty.ts');
    expect(end).toContain('to export a function `migrate`, got undefined');
    expect(scratch.changes()).toEqual([]);
  });
});
