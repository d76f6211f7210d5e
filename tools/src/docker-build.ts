import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { currentCommit } from './current-commit.ts';
import { dockerEngine } from './needs.ts';
import { readManifest, withoutScope } from './workspace.ts';

// Run in the folder of an application: makes the image `<application>:<version>`, also tagged `latest`, from `dist`.
// Arguments go to `docker build`; the variable NODE_IMAGE names another base image.
const { name, version, nx } = readManifest('package.json');
const service = withoutScope(name);
const commit = currentCommit(process.cwd());

if (!dockerEngine()) {
  console.error('docker-build needs a Docker engine and none answers: start one, or name it in DOCKER_HOST.');
  process.exit(1);
}

const context = mkdtempSync(join(tmpdir(), `${service}-`));
try {
  // Source maps are for whoever reads stack traces, not for the image.
  cpSync('dist', context, { recursive: true, filter: (file) => !file.endsWith('.map') });
  const buildArguments = Object.entries({
    SERVICE_NAME: service,
    SERVICE_VERSION: version,
    SERVICE_COMMIT: commit ?? '',
    SERVICE_BUILD_TIME: buildTime(),
    SERVICE_PORTS: Object.values(nx?.metadata?.ports ?? {}).join(' '),
    ...(process.env.NODE_IMAGE && { NODE_IMAGE: process.env.NODE_IMAGE }),
  }).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
  const own = existsSync('Dockerfile') ? 'Dockerfile' : join(import.meta.dirname, '../docker/Dockerfile');
  const tags = [`${service}:${version}`, `${service}:latest`].flatMap((tag) => ['--tag', tag]);
  const line = ['build', '--file', resolve(own), ...tags, ...buildArguments, ...process.argv.slice(2), context];
  process.exitCode = spawnSync('docker', line, { stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(context, { recursive: true, force: true });
}

/** Now, or what `SOURCE_DATE_EPOCH` says (reproducible-builds.org), so that the same commit can give the same image. */
function buildTime(): string {
  const epoch = process.env.SOURCE_DATE_EPOCH;
  return (epoch ? new Date(Number(epoch) * 1000) : new Date()).toISOString();
}
