import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { skipUnless, temporaryDirectory, type SkippableContext } from '@org/testing';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { prometheusRule } from '../src/manifests/monitoring.ts';
import { validate, type KubernetesObject } from '../src/manifests/validate.ts';
import { targetsOf } from '../src/targets.ts';
import { readProject } from '../src/workspace.ts';
import { findKubectl, kubectlSource, kustomize } from './kubectl.ts';
import { parcelDescription, parcelDescriptionWithVault, parcelProject, parcelService } from './parcel-service.ts';
import { createScratch, workspaceRoot } from './scratch.ts';

const kubectl = findKubectl();

const scratch = createScratch(['package.json', 'tools', 'deploy']);
afterAll(() => scratch[Symbol.dispose]());
scratch.link();
const folder = join(scratch.root, parcelProject.root);
const deploy = join(folder, 'deploy');

/** A bundle that prints what the real one would. */
function ship(description: object): void {
  mkdirSync(join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'dist/main.js'), `console.log(${JSON.stringify(JSON.stringify(description))});`);
}

function manifests(...options: string[]) {
  const program = join(scratch.root, 'tools/src/manifests/main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...options], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function content(): Record<string, string> {
  const files = globSync('**/*.{yaml,env}', { cwd: deploy }).sort();
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(deploy, file), 'utf8')]));
}

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  scratch.write(`${parcelProject.root}/package.json`, parcelProject.manifest);
  ship(parcelDescription());
});

describe('the manifests of a service', () => {
  test('are rendered once it is built, and checked from the cache', () => {
    const example = readProject(workspaceRoot, 'apps/example-service');
    const targets = targetsOf(workspaceRoot, example);
    expect(targets.manifests).toMatchObject({ dependsOn: ['build'], options: { cwd: example.root } });
    expect(targets.manifests?.cache).toBeUndefined();
    expect(targets['manifests-check']).toMatchObject({ dependsOn: ['build'], cache: true });
  });

  test('are a base and two overlays; a second run changes nothing', () => {
    expect(manifests()).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('wrote  deploy/base/'),
    });
    const first = content();
    expect(Object.keys(first)).toHaveLength(17);
    expect(manifests()).toMatchObject({ status: 0, stdout: 'The 13 files of deploy/base are in step.\n' });
    expect(content()).toEqual(first);
    expect(manifests('--check')).toMatchObject({
      status: 0,
      stdout: 'The manifests of `parcel-service` are in step.\n',
    });
  });

  test('leave overlays to the team, also one that it removed', () => {
    manifests();
    writeFileSync(join(deploy, 'overlays/production/settings.env'), 'DATABASE_URL=a\nORDER_SERVICE_URL=b\n');
    rmSync(join(deploy, 'overlays/local'), { recursive: true });
    const edited = content();
    expect(manifests()).toMatchObject({ status: 0, stderr: '' });
    expect(content()).toEqual(edited);
    expect(manifests('--check').status).toBe(0);
    rmSync(join(deploy, 'overlays'), { recursive: true });
    manifests();
    expect(readdirSync(join(deploy, 'overlays')).sort()).toEqual(['local', 'production']);
  });

  test('lose what was rendered earlier and is no more, and keep what nobody rendered', () => {
    manifests();
    const generated = readFileSync(join(deploy, 'base/service.yaml'), 'utf8');
    writeFileSync(join(deploy, 'base/ingress.yaml'), generated);
    writeFileSync(join(deploy, 'base/notes.yaml'), '# by hand\n');
    expect(manifests().stdout).toBe('removed  deploy/base/ingress.yaml\n');
    expect(existsSync(join(deploy, 'base/ingress.yaml'))).toBe(false);
    expect(existsSync(join(deploy, 'base/notes.yaml'))).toBe(true);
  });

  test('are checked without being written, with a list of what is out of step', () => {
    manifests();
    const description = parcelDescription();
    description.settings.fragments.push({
      name: 'broker',
      variables: [
        { name: 'BROKER_URL', description: 'Where.', expected: 'a URL', requiredInProduction: true, secret: false },
      ],
    });
    ship(description);
    rmSync(join(deploy, 'base/service.yaml'));
    writeFileSync(join(deploy, 'base/ingress.yaml'), readFileSync(join(deploy, 'base/deployment.yaml')));
    const before = content();
    const { status, stderr } = manifests('--check');
    expect(status).toBe(1);
    expect(stderr.split('\n')).toEqual([
      'The manifests of `parcel-service` are out of step with the service:',
      '  stale  deploy/base/ingress.yaml',
      '  missing  deploy/base/service.yaml',
      '  changed  deploy/base/settings.env',
      '  unnamed  deploy/overlays/local does not set `BROKER_URL`, without which the service does not start',
      '  unnamed  deploy/overlays/production does not set `BROKER_URL`, without which the service does not start',
      'Run `npx nx manifests parcel-service`, look at what changed, and commit it.',
      '',
    ]);
    expect(content()).toEqual(before);
  });

  test('name a policy that came later and has no peers where others have, in each overlay on the base', () => {
    manifests();
    cpSync(join(deploy, 'overlays/production'), join(deploy, 'overlays/staging'), { recursive: true });
    scratch.write(`${parcelProject.root}/deploy/overlays/canary/kustomization.yaml`, 'resources:\n  - ../production\n');
    const description = parcelDescription();
    description.connections.push({ kind: 'broker', variable: 'BROKER_URL', ports: { 'amqp:': 5672 } });
    ship(description);
    const lack =
      'names no peers of the policy `parcel-service-egress-broker`, which lets its ports through to and from everybody';
    const unnamed = ['production', 'staging'].map((overlay) => `unnamed  deploy/overlays/${overlay} ${lack}\n`);
    expect(manifests()).toMatchObject({ status: 0, stderr: unnamed.join('') });
    expect(manifests('--check')).toMatchObject({ status: 1, stderr: expect.stringContaining(unnamed[1]!) });
  });

  test.each([
    [
      'is not built',
      () => rmSync(join(folder, 'dist'), { recursive: true }),
      /^Cannot ask `parcel-service` what it is: expected its bundle at apps\/parcel-service\/dist\/main\.js, found none; run `npx nx build parcel-service`\n$/,
    ],
    [
      'cannot say what it is',
      () => writeFileSync(join(folder, 'dist/main.js'), 'console.error("no"); process.exit(3);'),
      /^Cannot ask `parcel-service` what it is: expected `node dist\/main\.js describe` in apps\/parcel-service to end with 0, got 3:\nno\n$/,
    ],
    [
      'says something else',
      () => writeFileSync(join(folder, 'dist/main.js'), 'console.log("hello");'),
      /^Cannot ask `parcel-service` what it is: .* to print its description as JSON, got "hello\\n"\n$/,
    ],
    [
      'has no ports',
      () => scratch.write(`${parcelProject.root}/package.json`, { name: '@acme/parcel-service', version: '1.0.0' }),
      /^Cannot render the manifests of `parcel-service`: .* expected a port `rest` under `nx\.metadata\.ports` in apps\/parcel-service\/package\.json, got \{\}\n$/,
    ],
  ])('are not rendered when the service %s', (_, spoil, message) => {
    spoil();
    const { status, stdout, stderr } = manifests();
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(existsSync(deploy)).toBe(false);
  });

  test('take no unknown option', () => {
    expect(manifests('--chek')).toMatchObject({ status: 1, stderr: expect.stringMatching(/^Unknown option '--chek'/) });
  });
});

test('what Kustomize makes of them is known to Kubernetes in every field; in production each policy has peers', async (context) => {
  skipUnless(context, kubectl !== undefined, { what: 'kubectl', get: kubectlSource });
  ship(parcelDescriptionWithVault());
  manifests();
  const [base, local, production] = ['base', 'overlays/local', 'overlays/production'].map((path) =>
    parseAllDocuments(kustomize(kubectl, join(deploy, path))).map((document) => document.toJS() as KubernetesObject),
  );
  const all = [...base!, ...local!, ...production!];
  expect((await Promise.all(all.map(validate))).flat()).toEqual([]);
  expect(production!.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['Deployment', 'PrometheusRule']));
  const policies = production!.filter(isPolicy);
  expect(policies).toHaveLength(7);
  for (const { spec } of policies) expect((spec.ingress?.[0]?.from ?? spec.egress?.[0]?.to)?.length).toBeGreaterThan(0);
});

test('with the Job that migrates no start applies migrations, and what the service may reach the Job may too', async (context) => {
  skipUnless(context, kubectl !== undefined, { what: 'kubectl', get: kubectlSource });
  manifests();
  const file = join(deploy, 'overlays/production/kustomization.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('# - ../../base/migration-job', '- ../../base/migration-job'));
  const objects = parseAllDocuments(kustomize(kubectl, dirname(file))).map(
    (document) => document.toJS() as KubernetesObject,
  );
  expect((await Promise.all(objects.map(validate))).flat()).toEqual([]);
  const [settings, job, workload] = ['ConfigMap', 'Job', 'Deployment'].map((wanted) =>
    objects.find(({ kind }) => kind === wanted),
  );
  expect(settings).toMatchObject({ data: { DATABASE_MIGRATE: 'verify', SHUTDOWN_DELAY: '5s' } });
  for (const each of [job, workload]) {
    const [{ image, envFrom }] = (each as Workload).spec.template.spec.containers;
    const configMapRef = { name: settings!.metadata!.name };
    expect({ image, envFrom }).toEqual({
      image: 'registry.example.com/parcel-service:1.2.3',
      envFrom: [{ configMapRef }],
    });
  }
  const selected = (policy: Policy) => JSON.stringify(policy.spec.podSelector).includes('"parcel-service-migrate"');
  const policies = objects.filter(isPolicy);
  expect(policies.filter(selected)).toEqual(policies.filter(({ spec }) => spec.egress));
});

describe('the alerts of one service', () => {
  const alerts = join(workspaceRoot, 'deploy/alerts');
  const rules = readFileSync(join(alerts, 'service.rules.yml'), 'utf8');

  /** Runs tests of Prometheus against the rules of the service with this name. */
  async function promtool(name: string, tests: string) {
    await using directory = await temporaryDirectory();
    writeFileSync(
      join(directory.path, 'service.rules.yml'),
      stringify(prometheusRule({ ...parcelService(), name }, rules).spec),
    );
    writeFileSync(join(directory.path, 'tests.yml'), tests);
    return spawnSync('promtool', ['test', 'rules', 'tests.yml'], { cwd: directory.path, encoding: 'utf8' });
  }

  const needPromtool = (context: SkippableContext) =>
    skipUnless(context, spawnSync('promtool', ['--version']).status === 0, {
      what: 'promtool',
      get: 'apt-get install --no-install-recommends prometheus',
    });

  test("fire when the workspace's do", async (context) => {
    needPromtool(context);
    // They are about a job of this name.
    const tests = readFileSync(join(alerts, 'service.rules.test.yml'), 'utf8');
    expect(await promtool('orders', tests)).toMatchObject({ status: 0 });
  }, 60_000);

  test.for([
    ['orders', 1],
    ['parcels', 0],
  ] as const)('fire for that service alone: those of %s when orders is down, %i', async ([name, count], context) => {
    needPromtool(context);
    const series = [`up{job="orders"}`, `target_info{job="orders",telemetry_sdk_language="nodejs"}`];
    const tests = {
      rule_files: ['service.rules.yml'],
      tests: [
        {
          input_series: series.map((each, index) => ({ series: each, values: `${index}x10` })),
          promql_expr_test: [
            {
              expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
              eval_time: '5m',
              exp_samples: count === 0 ? [] : [{ labels: '{alertname="ServiceDown"}', value: count }],
            },
          ],
        },
      ],
    };
    expect(await promtool(name, stringify(tests))).toMatchObject({ status: 0 });
  });
});

interface Workload extends KubernetesObject {
  spec: { template: { spec: { containers: [{ image: string; envFrom: object[] }] } } };
}

interface Policy extends KubernetesObject {
  spec: { podSelector: object; ingress?: { from?: object[] }[]; egress?: { to?: object[] }[] };
}

function isPolicy(object: KubernetesObject): object is Policy {
  return object.kind === 'NetworkPolicy';
}
