import { expect, test } from 'vitest';
import { parcelService } from '../../test/parcel-service.ts';
import { serviceMonitor } from './monitoring.ts';
import { networkPolicies, service } from './network.ts';
import { isForeign, validate, type KubernetesObject } from './validate.ts';
import { deployment } from './workload.ts';

const described = parcelService();

/** A copy in which `from` is `to` wherever it stands, as a name or as a value. */
function misspelt(object: object, from: string, to: string): KubernetesObject {
  return JSON.parse(JSON.stringify(object).replaceAll(`${from}`, to)) as KubernetesObject;
}

test('what is rendered is as the schemas say', async () => {
  const objects = [deployment(described), service(described), ...networkPolicies(described), serviceMonitor(described)];
  expect((await Promise.all(objects.map(validate))).flat()).toEqual([]);
});

test.each([
  ['"livenessProbe"', '"livenessProb"', '/spec/template/spec/containers/0/livenessProb is unknown to the schema'],
  ['"strategy"', '"strategies"', '/spec/strategies is unknown to the schema'],
  ['"spec":{"selector"', '"specs":{"selector"', '/specs is unknown to the schema'],
  [
    '"drop"',
    '"dropped"',
    '/spec/template/spec/containers/0/securityContext/capabilities/dropped is unknown to the schema',
  ],
  ['"labels"', '"label"', '/metadata/label is unknown to the schema'],
  ['"runAsUser":65532', '"runAsUser":"nobody"', 'runAsUser must be'],
  [
    '"automountServiceAccountToken":false',
    '"automountServiceAccountToken":"no"',
    'automountServiceAccountToken must be boolean',
  ],
  ['"selector"', '"selectors"', 'must have required property selector'],
])('a Deployment with %s as %s is refused', async (from, to, problem) => {
  const problems = await validate(misspelt(deployment(described), from, to));
  expect(problems.join('\n')).toContain(problem.replace(/^\//, ''));
  expect(problems.join('\n')).toContain('Deployment `parcel-service`: ');
});

test('so is a misspelt field of a kind that the Prometheus Operator adds', async () => {
  expect(await validate(misspelt(serviceMonitor(described), '"interval"', '"intervall"'))).toEqual([
    'ServiceMonitor `parcel-service`: spec/endpoints/0/intervall is unknown to the schema',
  ]);
});

test('a label may have any name', async () => {
  const labelled = { ...service(described), metadata: { name: 'parcel-service', labels: { anything: 'goes' } } };
  expect(await validate(labelled)).toEqual([]);
});

test('a kind without a schema is a problem, not a pass', async () => {
  expect(await validate({ apiVersion: 'apps/v2', kind: 'Deployment', metadata: { name: 'a' } })).toEqual([
    'Deployment `a`: there is no schema of apps/v2 Deployment',
  ]);
});

test.each([
  ['batch/v1', 'CronJob', { schedule: '@daily' }, 'spec must have required property jobTemplate'],
  ['v1', 'PersistentVolumeClaim', { accessMode: [] }, 'spec/accessMode is unknown to the schema'],
])('a kind of Kubernetes that a team adds has its schema too: %s %s', async (apiVersion, kind, spec, problem) => {
  const object = { apiVersion, kind, metadata: { name: 'a' }, spec };
  expect((await validate(object)).join('\n')).toContain(problem);
  expect(isForeign(object)).toBe(false);
});

test('a kind that an operator of somebody else adds is told from them', () => {
  expect(isForeign({ apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret' })).toBe(true);
  expect(isForeign({ apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor' })).toBe(false);
});
