import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { currentCommit } from '../../current-commit.ts';
import { dockerEngine } from '../../needs.ts';
import { gap, ok, unknown } from '../row.ts';
import type { Check } from '../subject.ts';

/** What an image of a service may have: Node on a slim base, and one file. */
const mostMegabytes = 350;
/** The label by which an image says what it was built from (OCI image specification, annotations). */
const revision = 'org.opencontainers.image.revision';

/** How large the image is, where a Docker engine has it; and what is in it besides the base. */
export const imageSize: Check = ({ folder, project: { shortName } }) => {
  const name = 'image size';
  const files = globSync('dist/**/*', { cwd: folder }).filter((file) => !file.endsWith('.map'));
  const sizes = files.map((file) => statSync(join(folder, file))).filter((each) => each.isFile());
  const own = `the bundle with its assets has ${megabytes(sizes.reduce((sum, { size }) => sum + size, 0))} MB`;
  const build = `npx nx docker-build ${shortName}`;
  if (!dockerEngine()) return unknown(name, `no Docker engine answers; ${own}`, build);
  const line = [
    'image',
    'inspect',
    '--format',
    `{{.Size}} {{index .Config.Labels "${revision}"}}`,
    `${shortName}:latest`,
  ];
  const { status, stdout } = spawnSync('docker', line, { encoding: 'utf8', timeout: 10_000 });
  if (status !== 0) return unknown(name, `the image was not built here; ${own}`, build);
  const [bytes, commit] = stdout.trim().split(' ');
  if (commit !== currentCommit(folder))
    return unknown(name, `the image is of another commit, ${commit}; ${own}`, build);
  const size = megabytes(Number(bytes));
  if (Number(size) > mostMegabytes) return gap(name, `${size} MB, more than ${mostMegabytes}; ${own}`, build);
  return ok(name, `${size} MB; ${own}`);
};

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
