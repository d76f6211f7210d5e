import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gap, ok, unknown } from '../row.ts';
import type { Check } from '../subject.ts';

/** What is read of the JSON report of Vitest. */
interface Report {
  /** False also when a file could not be run, whose tests are then not counted. */
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
}

/** Whether the tests beside the code and those of the bundle passed, the last time that they ran after a change. */
export const tests: Check = ({ workspaceRoot, folder, project: { shortName } }) => {
  const name = 'tests';
  const run = `npx nx run-many -t test e2e -p ${shortName}`;
  const missing = ['src', 'test'].filter((each) => globSync(`${each}/**/*.test.ts`, { cwd: folder }).length === 0);
  if (missing.length > 0) return gap(name, `there are no tests in ${missing.join(' and ')}`, undefined);
  const files = ['test', 'e2e'].map((target) => join(workspaceRoot, `.reports/${shortName}.${target}.json`));
  const changed = Math.max(
    ...globSync('{src,test}/**/*.ts', { cwd: folder }).map((file) => timeOf(join(folder, file))),
  );
  if (!files.every((file) => existsSync(file) && timeOf(file) >= changed)) {
    return unknown(name, 'they did not run here since the last change', run);
  }
  const reports = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Report);
  const sum = (key: Exclude<keyof Report, 'success'>) => reports.reduce((total, report) => total + report[key], 0);
  if (sum('numFailedTests') > 0) return gap(name, `${sum('numFailedTests')} failed`, run);
  if (reports.some(({ success }) => !success)) return gap(name, 'a file of them could not be run', run);
  const skipped = sum('numPendingTests');
  if (reports.some(({ numPassedTests }) => numPassedTests === 0)) {
    return unknown(name, `of ${reports[0]!.numPassedTests === 0 ? 'src' : 'test'} none ran, ${skipped} skipped`, run);
  }
  const beside = skipped > 0 ? `, ${skipped} skipped` : '';
  return ok(
    name,
    `${reports[0]!.numPassedTests} beside the code and ${reports[1]!.numPassedTests} of the bundle passed${beside}`,
  );
};

const timeOf = (file: string) => statSync(file).mtimeMs;
