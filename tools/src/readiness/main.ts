import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { readDescription } from '../manifests/description.ts';
import { readProject, readProjects } from '../workspace.ts';
import { alerts } from './checks/alerts.ts';
import { contract } from './checks/contract.ts';
import { database, emptyDatabase } from './checks/database.ts';
import { gracefulStop } from './checks/graceful-stop.ts';
import { imageSize } from './checks/image-size.ts';
import { licences } from './checks/licences.ts';
import { manifests } from './checks/manifests.ts';
import { messaging } from './checks/messaging.ts';
import { metrics } from './checks/metrics.ts';
import { probes } from './checks/probes.ts';
import { secrets } from './checks/secrets.ts';
import { tests } from './checks/tests.ts';
import { observe } from './observe.ts';
import { renderCard } from './render-card.ts';

// Run in the folder of a built application: prints what it has and lacks, from what is there and from a run of its bundle.
// `--json` prints the same for a program, which finds it in `.reports/<service>.readiness.json` as well; `--strict` ends with
// exit code 1 when there is a gap.
const checks = [
  probes,
  gracefulStop,
  metrics,
  alerts,
  contract,
  database,
  messaging,
  manifests,
  secrets,
  licences,
  imageSize,
  tests,
];
const workspaceRoot = join(import.meta.dirname, '../../..');
const folder = process.cwd();

try {
  const options = { json: { type: 'boolean' }, strict: { type: 'boolean' } } as const;
  const { json, strict } = parseArgs({ options }).values;
  const project = readProject(workspaceRoot, relative(workspaceRoot, folder));
  const description = readDescription(folder, project);
  const observation = await observe(join(folder, 'dist'), emptyDatabase(description.connections));
  const subject = { workspaceRoot, folder, project, projects: readProjects(workspaceRoot), description, observation };
  const rows = checks.flatMap((check) => check(subject) ?? []);
  const { name, version } = { name: project.shortName, version: project.manifest.version };
  const card = JSON.stringify({ service: name, version, rows }, undefined, 2);
  mkdirSync(join(workspaceRoot, '.reports'), { recursive: true });
  writeFileSync(join(workspaceRoot, `.reports/${name}.readiness.json`), `${card}\n`);
  console.log(json ? card : renderCard(name, rows));
  if (strict && rows.some(({ state }) => state === 'gap')) process.exitCode = 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
