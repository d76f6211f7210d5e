import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isatty } from 'node:tty';
import { parseEnv } from 'node:util';
import { runInForeground } from '../run-in-foreground.ts';
import { readProject, readProjects, type Project } from '../workspace.ts';
import { calledServices } from './called-services.ts';

// Run in the folder of an application: serves it and every service that it calls, with their logs side by side, until Ctrl-C.
const workspaceRoot = join(import.meta.dirname, '../../..');
const application = readProject(workspaceRoot, relative(workspaceRoot, process.cwd()));
const services = calledServices(readProjects(workspaceRoot), application);

// Nx has read the files of this application, and its port would become that of all.
for (const [name, value] of Object.entries(environmentOf(application))) {
  if (process.env[name] === value) delete process.env[name];
}
// Behind Nx the services see no terminal, but whoever reads their logs has one.
const isSaid = (name: string) =>
  services.some((service) => (environmentOf(service)[name] ?? process.env[name]) !== undefined);
if (isatty(1) && !isSaid('LOG_FORMAT') && !isSaid('NODE_ENV')) process.env.LOG_FORMAT = 'pretty';
// Nx would want raw mode of a terminal that a session of its own does not have, and abort.
process.env.NX_NATIVE_COMMAND_RUNNER = 'false';
process.chdir(workspaceRoot);
const names = services.map(({ manifest }) => manifest.name);
runInForeground('nx', ['run-many', '--target=serve', `--projects=${names.join()}`, '--output-style=stream']);

/** What the files of a service set that Nx reads for it. */
function environmentOf({ root }: Project): NodeJS.Dict<string> {
  const files = ['.env', '.env.local', '.local.env'].map((file) => join(workspaceRoot, root, file));
  const texts = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'));
  return Object.assign({}, ...texts.map((text) => parseEnv(text))) as NodeJS.Dict<string>;
}
