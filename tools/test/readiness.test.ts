import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { event } from '../src/generators/event/generator.ts';
import { service } from '../src/generators/service/generator.ts';
import { isPermissive } from '../src/readiness/checks/licences.ts';
import { renderCard } from '../src/readiness/render-card.ts';
import type { Row } from '../src/readiness/row.ts';
import { createCommittedScratch, generate } from './generate.ts';

// A generated service is built once; then its bundle is replaced by programs that lack one thing each.

const scratch = createCommittedScratch();
const app = 'apps/parcel-service';
const built = 'apps/built';
afterAll(() => scratch[Symbol.dispose]());

beforeAll(async () => {
  await generate(scratch.root, (tree) => service(tree, { name: 'parcel-service', broker: true }));
  await generate(scratch.root, (tree) => event(tree, { service: 'parcel-service', type: 'parcels.parcel.sent.v1' }));
  const { status, stdout, stderr } = scratch.run(
    'nx',
    'run-many',
    '-t',
    'manifests',
    'test',
    'e2e',
    '-p',
    'parcel-service',
  );
  if (status !== 0) throw new Error(stdout + stderr);
  cpSync(join(scratch.root, app, 'dist'), join(scratch.root, built), { recursive: true });
}, 180_000);

beforeEach(() => {
  for (const part of ['dist', 'deploy'])
    rmSync(join(scratch.root, app, part, 'extra'), { recursive: true, force: true });
  cpSync(join(scratch.root, built), join(scratch.root, app, 'dist'), { recursive: true });
});

function readiness(...options: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(scratch.root, 'tools/src/readiness/main.ts'), ...options],
    {
      cwd: join(scratch.root, app),
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '', DOCKER_HOST: 'tcp://127.0.0.1:1' },
    },
  );
  return { status, stdout, stderr };
}

function rows(): Record<string, Row> {
  const { stdout, stderr } = readiness('--json');
  if (stdout === '') throw new Error(stderr);
  const card = JSON.parse(stdout) as { rows: Row[] };
  return Object.fromEntries(card.rows.map((row) => [row.name, row]));
}

/** A program that says what the bundle says of itself, and then does something else. */
function replaceBundle(program: string): void {
  const description = spawnSync(process.execPath, ['main.js', 'describe'], {
    cwd: join(scratch.root, built),
    encoding: 'utf8',
  });
  scratch.write(
    `${app}/dist/main.js`,
    `import { createServer } from 'node:http';
     if (process.argv[2] === 'describe') { console.log(${JSON.stringify(description.stdout)}); process.exit(); }
     ${program}`,
  );
}

const patched = `
patches:
  - patch: |-
      - op: replace
        path: /spec/template/spec/containers/0/env/3
        value: { name: OPS_TOKEN, value: hunter2 }
`;

const serveWith = (answer: string, onSigterm: string) => `
  const server = createServer((request, response) => { ${answer} });
  server.listen(0, () => {
    const origin = 'http://localhost:' + server.address().port;
    console.log(JSON.stringify({ links: { API: origin, Health: origin + '/readyz', Metrics: origin + '/metrics' }, msg: 'ready' }));
  });
  process.on('SIGTERM', () => { ${onSigterm} });`;

describe('the card of a generated service', () => {
  test('has no gap once its manifests are rendered and its tests have run', () => {
    const card = rows();
    expect(Object.values(card).filter(({ state }) => state === 'gap')).toEqual([]);
    expect(card['image size']).toMatchObject({ state: 'unknown', mend: 'npx nx docker-build parcel-service' });
    for (const name of [
      'probes',
      'graceful stop',
      'metrics',
      'alerts',
      'contract',
      'messaging',
      'manifests',
      'secrets by reference',
      'licences',
      'tests',
    ]) {
      expect(card[name], name).toMatchObject({ state: 'ok' });
    }
  });

  test('is a table of at most a hundred columns', () => {
    const { status, stdout } = readiness();
    expect(status).toBe(0);
    expect(stdout).toMatch(/^parcel-service: 10 of 11 in order, 0 to mend, 1 unknown\n/);
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  test('is left for a portal where the reports of tests are', () => {
    const { stdout } = readiness('--json');
    expect(readFileSync(join(scratch.root, '.reports/parcel-service.readiness.json'), 'utf8')).toBe(stdout);
    expect(JSON.parse(stdout)).toMatchObject({ service: 'parcel-service', version: '0.0.1' });
  });

  test('says that tests are unknown after a change', () => {
    const source = join(scratch.root, app, 'src/greetings.ts');
    const soon = new Date(Date.now() + 60_000);
    utimesSync(source, soon, soon);
    expect(rows().tests).toMatchObject({ state: 'unknown', mend: 'npx nx run-many -t test e2e -p parcel-service' });
    utimesSync(source, new Date(), new Date(0));
  });

  test('finds what the contract has otherwise, and what the manifests have', () => {
    const document = 'libs/contracts/parcel-service/src/openapi.json';
    const before = readFileSync(join(scratch.root, document), 'utf8');
    scratch.write(document, before.replace('"A greeting"', '"Another greeting"'));
    const deployment = `${app}/deploy/base/deployment.yaml`;
    const rendered = readFileSync(join(scratch.root, deployment), 'utf8');
    scratch.write(deployment, rendered.replace('app.kubernetes.io', 'example.com'));
    const card = rows();
    scratch.write(document, before);
    scratch.write(deployment, rendered);
    expect(card.contract).toMatchObject({ state: 'gap', mend: 'npx nx test parcel-service-contract' });
    expect(card.manifests).toMatchObject({
      state: 'gap',
      evidence: expect.stringContaining('deploy/base/deployment.yaml'),
    });
  });

  test.each([
    ['operations.ts', "'A greeting'", 'openapi.json'],
    ['events.ts', "'A parcel: sent'", 'asyncapi.json'],
  ])('finds a contract whose document was not written anew after a change of %s', (file, summary, document) => {
    const folder = 'libs/contracts/parcel-service/src';
    const before = readFileSync(join(scratch.root, folder, file), 'utf8');
    expect(before).toContain(summary);
    scratch.write(`${folder}/${file}`, before.replace(summary, "'Another one'"));
    const { contract } = rows();
    scratch.write(`${folder}/${file}`, before);
    expect(contract).toMatchObject({
      state: 'gap',
      evidence: `${folder}/${document} is not what ${folder}/contract.ts says`,
    });
  });

  test('finds a broker in memory where it is deployed, but for a developer’s machine', () => {
    scratch.write(`${app}/deploy/extra/settings.env`, 'BROKER_URL=memory:\n');
    expect(rows().messaging).toMatchObject({
      state: 'gap',
      evidence: 'BROKER_URL is in memory, where messages are lost with the pod: deploy/extra/settings.env',
    });
  });

  test.each([
    ['deploy/extra/settings.env', 'OPS_TOKEN=hunter2\n'],
    ['deploy/extra/patch.yaml', 'env:\n  - name: OPS_TOKEN\n    value: hunter2\n'],
    ['deploy/extra/secret.yaml', 'kind: Secret\nstringData:\n  OPS_TOKEN: hunter2\n'],
    ['deploy/extra/.env', 'OPS_TOKEN=hunter2\n'],
    ['deploy/extra/kustomization.yaml', patched],
  ])('finds the value of a secret in %s, and does not show it', (file, text) => {
    scratch.write(`${app}/${file}`, text);
    const row = rows()['secrets by reference'];
    expect(row).toMatchObject({ state: 'gap', evidence: `a value stands in the manifests: OPS_TOKEN in ${file}` });
    expect(JSON.stringify(row)).not.toContain('hunter2');
  });

  test('counts a file of tests that could not be run as a gap, and tests that were all skipped as unknown', () => {
    const file = '.reports/parcel-service.e2e.json';
    const report = readFileSync(join(scratch.root, file), 'utf8');
    const card = (change: object) => {
      scratch.write(file, { ...(JSON.parse(report) as object), ...change });
      return rows().tests;
    };
    const broken = card({ success: false });
    const skipped = card({ numPassedTests: 0, numPendingTests: 1 });
    scratch.write(file, report);
    expect(broken).toMatchObject({ state: 'gap', evidence: 'a file of them could not be run' });
    expect(skipped).toMatchObject({ state: 'unknown', evidence: 'of test none ran, 1 skipped' });
  }, 60_000);

  test('finds a package of which nobody knows the licence', () => {
    scratch.write(`${app}/dist/dependencies.json`, [{ name: 'nobody-has-this', version: '1.0.0' }]);
    expect(rows().licences).toMatchObject({ state: 'gap', evidence: expect.stringContaining('nobody-has-this 1.0.0') });
  });
});

test('the licence of a package is that of the version in the bundle, not of another that is installed', () => {
  scratch.write(`${app}/dist/dependencies.json`, [{ name: 'zod', version: '0.0.1', license: 'GPL-3.0-only' }]);
  expect(rows().licences).toMatchObject({
    state: 'gap',
    evidence: expect.stringContaining('zod 0.0.1 (GPL-3.0-only)'),
  });
});

describe('the card of a service', () => {
  test('that does not start says why, and claims nothing of what could not be seen', () => {
    replaceBundle(`console.error('there is no such host'); process.exit(1);`);
    const card = rows();
    expect(card.probes).toMatchObject({ state: 'gap', evidence: expect.stringContaining('there is no such host') });
    for (const name of ['graceful stop', 'metrics', 'alerts', 'contract'])
      expect(card[name]).toMatchObject({ state: 'unknown' });
  });

  test('that answers nothing, and ends at once when it is told to, has the gaps', () => {
    replaceBundle(serveWith(`response.writeHead(request.url === '/livez' ? 200 : 404).end();`, 'process.exit(0);'));
    const card = rows();
    expect(card.probes).toMatchObject({
      state: 'gap',
      evidence: '/readyz answers with 404, /startupz answers with 404',
    });
    expect(card['graceful stop']).toMatchObject({
      state: 'gap',
      evidence: expect.stringContaining('without being unready first'),
    });
    expect(card.metrics).toMatchObject({ state: 'gap' });
    expect(card.alerts).toMatchObject({ state: 'gap' });
  });

  test('whose probe answers after a prober has given up has that gap, as one has that a signal ends', () => {
    const answer = `setTimeout(() => response.end(), request.url === '/startupz' ? 2_200 : 0);`;
    replaceBundle(serveWith(answer, `process.kill(process.pid, 'SIGKILL');`));
    const card = rows();
    expect(card.probes).toMatchObject({
      state: 'gap',
      evidence: expect.stringMatching(/^\/startupz answers after \d\.\d s, which a prober does not wait for$/),
    });
    expect(card['graceful stop']).toMatchObject({
      state: 'gap',
      evidence: 'a signal ended it, and no exit code of its own',
    });
  });

  test('that ends with another exit code has that gap', () => {
    replaceBundle(serveWith('response.end();', 'process.exit(3);'));
    expect(rows()['graceful stop']).toMatchObject({ state: 'gap', evidence: 'exit code 3 after SIGTERM' });
  });

  test('fails a pipeline that asks for it, and no other', () => {
    replaceBundle(`process.exit(1);`);
    expect(readiness().status).toBe(0);
    expect(readiness('--strict').status).toBe(1);
  });

  test('that was not built says so', () => {
    rmSync(join(scratch.root, app, 'dist'), { recursive: true });
    const { status, stderr } = readiness();
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('npx nx build parcel-service'),
    });
  });
});

test.each([
  ['MIT', true],
  ['(MIT OR GPL-3.0-only)', true],
  ['MIT AND Apache-2.0', true],
  ['MIT AND GPL-2.0-only', false],
  ['GPL-3.0-only', false],
  ['SEE LICENSE IN FILE', false],
  ['(MIT OR (GPL-3.0-only AND ISC))', false],
  [undefined, false],
])('the licence %s is permissive: %s', (expression, expected) => {
  expect(isPermissive(expression)).toBe(expected);
});

test('a long line of a card goes on below where it began', () => {
  const card = renderCard('x', [
    { name: 'probes', state: 'gap', evidence: 'word '.repeat(40).trim(), mend: 'npx nx serve x' },
  ]);
  const lines = card.split('\n');
  expect(lines.every((line) => line.length <= 100)).toBe(true);
  expect(lines.at(-1)).toBe('              → npx nx serve x');
});
