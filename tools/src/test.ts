import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '@nx/devkit';
import { renderSummary, summarize, type RunTask, type TestReport } from './report.ts';
import { withoutScope } from './workspace.ts';

// `npm test`: everything that can be tested on this machine, then the sum, with what was skipped and how to get what it needs.
const workspaceRoot = join(import.meta.dirname, '../..');
const startedAt = new Date().toISOString();
const targets = ['lint', 'typecheck', 'test', 'build', 'e2e'];
const { status } = spawnSync('nx', ['run-many', '-t', ...targets, ...process.argv.slice(2)], {
  cwd: workspaceRoot,
  // Hundreds of processes load the same tools; what the first has compiled the others need not.
  env: { NODE_COMPILE_CACHE: join(workspaceRoot, 'node_modules/.cache/node'), ...process.env },
  stdio: 'inherit',
  shell: process.platform === 'win32',
});

const { run, tasks } = readJson<{ run: { startTime: string }; tasks: RunTask[] }>(join(cacheDir, 'run.json')) ?? {};
const summary = summarize(
  run && run.startTime >= startedAt ? (tasks ?? []) : [],
  ({ projectName, target }) =>
    readJson<TestReport>(join(workspaceRoot, '.reports', `${withoutScope(projectName)}.${target}.json`)),
  ({ hash }) => read(join(cacheDir, 'terminalOutputs', hash)),
);
if (status !== 0 && summary.failed.length === 0) summary.failed.push('nx run-many');
console.log(`\n${renderSummary(summary)}`);
process.exitCode = status ?? 1;

function readJson<Content>(file: string): Content | undefined {
  const text = read(file);
  return text === undefined ? undefined : (JSON.parse(text) as Content);
}

function read(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
