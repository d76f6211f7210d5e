import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { readProject } from '../workspace.ts';
import { renderBase } from './base.ts';
import { readDescription } from './description.ts';
import { renderOverlays, unnamedPolicies, unnamedSettings } from './overlays.ts';
import { serviceOf, type Service } from './service.ts';
import { compare, write } from './write.ts';

// Run in the folder of an application: renders `deploy/base` from what its bundle says of itself and, where there is no
// `deploy/overlays`, the overlays that its team goes on with. `--check` writes nothing, and fails when that would change a file.
const workspaceRoot = join(import.meta.dirname, '../../..');

try {
  const { check } = parseArgs({ options: { check: { type: 'boolean' } } }).values;
  await renderManifests(process.cwd(), check ?? false);
} catch (error) {
  // Anything but a message of ours is a fault of this program, and keeps its stack.
  const { name, message, code } = error as NodeJS.ErrnoException;
  if (name !== 'Error' && !code?.startsWith('ERR_PARSE_ARGS')) throw error;
  console.error(message);
  process.exitCode = 1;
}

async function renderManifests(folder: string, check: boolean): Promise<void> {
  const project = readProject(workspaceRoot, relative(workspaceRoot, folder));
  const service = serviceOf(readDescription(folder, project), project);
  const rules = readFileSync(join(workspaceRoot, 'deploy/alerts/service.rules.yml'), 'utf8');
  const deploy = join(folder, 'deploy');
  const hasOverlays = existsSync(join(deploy, 'overlays'));
  const files = new Map([...(await renderBase(service, rules)), ...(hasOverlays ? [] : renderOverlays(service))]);
  const differences = compare(deploy, files, service.image);
  const unnamed = hasOverlays ? missing(service, join(deploy, 'overlays')) : [];
  if (check) {
    report(service, [...differences.map(({ path, is }) => `${is}  deploy/${path}`), ...unnamed]);
    return;
  }
  write(deploy, files, differences);
  for (const { path, is } of differences) console.log(`${is === 'stale' ? 'removed' : 'wrote'}  deploy/${path}`);
  if (differences.length === 0) console.log(`The ${files.size} files of deploy/base are in step.`);
  for (const line of unnamed) console.warn(line);
}

/**
 * What came to be needed after the team took over its overlays, in each that builds on the base itself: settings without
 * which there is no start and, where it names the peers of network policies at all, policies without any.
 */
function missing(service: Service, overlays: string): string[] {
  return readdirSync(overlays).flatMap((overlay) => {
    const files = globSync('**/*', { cwd: join(overlays, overlay), withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    const text = files.map((file) => readFileSync(join(file.parentPath, file.name), 'utf8')).join('\n');
    if (!/^\s*- \.\.\/\.\.\/base\/?\s*$/m.test(text)) return [];
    const settings = unnamedSettings(service, text).map(
      (name) => `does not set \`${name}\`, without which the service does not start`,
    );
    const policies = unnamedPolicies(service, text).map(
      (name) => `names no peers of the policy \`${name}\`, which lets its ports through to and from everybody`,
    );
    return [...settings, ...policies].map((lack) => `unnamed  deploy/overlays/${overlay} ${lack}`);
  });
}

function report({ image }: Service, lines: string[]): void {
  if (lines.length === 0) {
    console.log(`The manifests of \`${image}\` are in step.`);
    return;
  }
  console.error([`The manifests of \`${image}\` are out of step with the service:`, ...lines].join('\n  '));
  console.error(`Run \`npx nx manifests ${image}\`, look at what changed, and commit it.`);
  process.exitCode = 1;
}
