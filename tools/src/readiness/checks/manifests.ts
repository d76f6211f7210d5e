import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gap, ok } from '../row.ts';
import type { Check } from '../subject.ts';

/** Whether what Kubernetes is told of the service is what the service says of itself. */
export const manifests: Check = ({ folder, project }) => {
  const name = 'manifests';
  const mend = `npx nx manifests ${project.shortName}`;
  if (!existsSync(join(folder, 'deploy/base'))) return gap(name, 'there is no deploy/base', mend);
  const script = join(import.meta.dirname, '../../manifests/main.ts');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status === 0) return ok(name, 'deploy/base is in step with the service');
  const lines = stderr.split('\n').map((line) => line.trim());
  return gap(name, lines.find((line) => /^(changed|missing|stale|unnamed) /.test(line)) ?? lines[0] ?? '', mend);
};
