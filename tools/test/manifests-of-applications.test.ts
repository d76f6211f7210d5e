import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipUnless } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { renderBase } from '../src/manifests/base.ts';
import type { Description } from '../src/manifests/description.ts';
import { serviceOf } from '../src/manifests/service.ts';
import { isForeign, validate, type KubernetesObject } from '../src/manifests/validate.ts';
import { compare } from '../src/manifests/write.ts';
import { readProjects } from '../src/workspace.ts';
import { findKubectl, kubectlSource, kustomize } from './kubectl.ts';
import { scope, workspaceRoot } from './scratch.ts';

const kubectl = findKubectl();
const rules = readFileSync(join(workspaceRoot, 'deploy/alerts/service.rules.yml'), 'utf8');
const deployed = readProjects(workspaceRoot).filter(({ root }) => existsSync(join(workspaceRoot, root, 'deploy/base')));

/** An application from its sources, with no environment but what is given. */
function application(root: string, command: string, environment: NodeJS.ProcessEnv = {}) {
  const line = [`--conditions=${scope}/source`, 'src/main.ts', command];
  return spawnSync(process.execPath, line, { cwd: join(workspaceRoot, root), env: environment, encoding: 'utf8' });
}

interface Pod extends KubernetesObject {
  spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } };
  data: Record<string, string>;
}

/** What the container gets from its ConfigMap and, before that, from the Deployment; of secrets, nothing. */
function environmentOf(objects: KubernetesObject[]): Record<string, string> {
  const one = (wanted: string) => objects.find(({ kind }) => kind === wanted) as Pod;
  const own = one('Deployment').spec.template.spec.containers[0]!.env.filter(({ value }) => value !== undefined);
  return { ...one('ConfigMap').data, ...Object.fromEntries(own.map(({ name, value }) => [name, value!])) };
}

describe.each(deployed.map((project) => [project.shortName, project] as const))('the manifests of %s', (_, project) => {
  const deploy = join(workspaceRoot, project.root, 'deploy');
  const build = (path: string) =>
    parseAllDocuments(kustomize(kubectl!, join(deploy, path))).map((document) => document.toJS() as KubernetesObject);
  const overlays = globSync('overlays/*', { cwd: deploy }).sort();

  test('are in step with it', async () => {
    const description = JSON.parse(application(project.root, 'describe').stdout) as Description;
    const files = await renderBase(serviceOf(description, project), rules);
    expect(compare(deploy, files, project.shortName)).toEqual([]);
  });

  test.for(['base', ...overlays])(
    'are known to Kubernetes in every field, and hold no secret: %s',
    async (path, context) => {
      skipUnless(context, kubectl !== undefined, { what: 'kubectl', get: kubectlSource });
      const objects = build(path);
      const known = objects.filter((object) => !isForeign(object));
      expect((await Promise.all(known.map(validate))).flat()).toEqual([]);
      expect(objects.map(({ kind }) => kind)).not.toContain('Secret');
    },
  );

  test.runIf(overlays.includes('overlays/local'))(
    'configure it in the overlay `local` so that it starts',
    (context) => {
      skipUnless(context, kubectl !== undefined, { what: 'kubectl', get: kubectlSource });
      const environment = { NODE_ENV: 'production', ...environmentOf(build('overlays/local')) };
      expect(application(project.root, 'check-config', environment)).toMatchObject({ status: 0, stderr: '' });
    },
  );
});

test('a service that nobody configured for production does not start with what is embedded', (context) => {
  skipUnless(context, kubectl !== undefined, { what: 'kubectl', get: kubectlSource });
  const root = 'apps/example-service';
  const base = parseAllDocuments(kustomize(kubectl, join(workspaceRoot, root, 'deploy/base')));
  const environment = environmentOf(base.map((document) => document.toJS() as KubernetesObject));
  const { status, stderr } = application(root, 'check-config', { NODE_ENV: 'production', ...environment });
  expect(status).toBe(78);
  expect(stderr).toContain('DATABASE_URL');
});
