import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseEnv } from 'node:util';
import { runInForeground } from '../run-in-foreground.ts';
import { readProject, readProjects } from '../workspace.ts';
import { calledServices } from './called-services.ts';

// Run in the folder of an application: serves it and every service that it calls, with their logs side by side, until Ctrl-C.
const workspaceRoot = join(import.meta.dirname, '../../..');
const application = readProject(workspaceRoot, relative(workspaceRoot, process.cwd()));
const names = calledServices(readProjects(workspaceRoot), application);

// Nx has read the files of this application, and its port would become that of all.
for (const file of ['.env', '.env.local', '.local.env'].filter((each) => existsSync(each))) {
  for (const [name, value] of Object.entries(parseEnv(readFileSync(file, 'utf8')))) {
    if (process.env[name] === value) delete process.env[name];
  }
}
// Nx would want raw mode of a terminal that a session of its own does not have, and abort.
process.env.NX_NATIVE_COMMAND_RUNNER = 'false';
process.chdir(workspaceRoot);
runInForeground('nx', ['run-many', '--target=serve', `--projects=${names.join()}`, '--output-style=stream']);
