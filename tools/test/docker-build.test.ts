import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspaceRoot } from './scratch.ts';

test('where no Docker engine answers, docker-build says so in one line', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(workspaceRoot, 'tools/src/docker-build.ts')], {
    cwd: join(workspaceRoot, 'apps/example-service'),
    env: { ...process.env, DOCKER_HOST: 'tcp://127.0.0.1:1' },
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^docker-build needs a Docker engine and none answers: [^\n]+\n$/);
});
