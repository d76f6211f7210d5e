import { describe, expect, test } from 'vitest';
import { renderSummary, summarize, type RunTask, type TestReport } from './report.ts';

const start = '2026-01-01T00:00:10.000Z';
const later = Date.parse(start) + 1_000;

function task(taskId: string, rest: Partial<RunTask> = {}): RunTask {
  const [projectName = '', target = ''] = taskId.split(':');
  return { taskId, projectName, target, hash: taskId, startTime: start, cacheStatus: 'cache-miss', status: 0, ...rest };
}

function report(tests: Record<string, string>, rest: Partial<TestReport['testResults'][number]> = {}): TestReport {
  const assertionResults = Object.entries(tests).map(([fullName, status]) => ({
    fullName,
    status,
    failureMessages: status === 'failed' ? [`Error: not ${fullName}\nbut less\n    at adds (a.test.ts:1:1)`] : [],
  }));
  const status = assertionResults.some((each) => each.status === 'failed') ? 'failed' : 'passed';
  return { startTime: later, testResults: [{ name: 'a.test.ts', status, message: '', assertionResults, ...rest }] };
}

const noOutput = () => undefined;

describe('summarize', () => {
  test('sums the tests of every task', () => {
    const reports: Record<string, TestReport> = {
      'a:test': report({ adds: 'passed', subtracts: 'failed' }),
      'b:test': report({ multiplies: 'passed' }),
    };
    const tasks = [task('a:test', { status: 1 }), task('b:test'), task('b:build')];
    const summary = summarize(tasks, ({ taskId }) => reports[taskId], noOutput);
    expect(summary).toEqual({
      passed: 2,
      failed: ['a:test: subtracts\n    Error: not subtracts\n    but less'],
      skipped: new Map(),
    });
    expect(renderSummary(summary).split('\n').at(-1)).toBe('2 passed, 1 failed');
  });

  test.each([
    ['a task that is no test', task('a:lint', { status: 1 }), undefined],
    ['a test that ended without a report', task('a:test', { status: 1 }), undefined],
    [
      'a run whose tests passed and that failed nevertheless',
      task('a:test', { status: 1 }),
      report({ adds: 'passed' }),
    ],
  ])('counts %s as one failure, and shows what it printed last', (_, failing, found) => {
    const lines = Array.from({ length: 100 }, (_line, index) => `line ${index}`);
    const { failed } = summarize(
      [failing],
      () => found,
      () => `${lines.join('\n')}\n\n`,
    );
    expect(failed).toHaveLength(1);
    expect(failed[0]?.split('\n    ')).toEqual([failing.taskId, ...lines.slice(-60)]);
    expect(summarize([failing], () => found, noOutput).failed).toEqual([failing.taskId]);
  });

  test('counts a file that could not be run as one failure', () => {
    const broken = report({}, { status: 'failed', message: 'Cannot find module' });
    expect(summarize([task('a:test', { status: 1 })], () => broken, noOutput).failed).toEqual([
      'a:test: a.test.ts: Cannot find module',
    ]);
  });

  test('ignores the report that an earlier run has left, and takes the one that the cache gave back', () => {
    const old = { ...report({ adds: 'passed' }), startTime: Date.parse(start) - 1_000 };
    expect(summarize([task('a:test', { status: 1 })], () => old, noOutput)).toMatchObject({
      passed: 0,
      failed: ['a:test'],
    });
    expect(summarize([task('a:test', { cacheStatus: 'local-cache-hit' })], () => old, noOutput).passed).toBe(1);
  });

  test('lists what was skipped by what it wants', () => {
    const chromium = { skipped: 'Chromium: apt-get install chromium' };
    const skipping = report({});
    skipping.testResults[0]?.assertionResults.push(
      { fullName: 'the page opens', status: 'skipped', meta: chromium },
      { fullName: 'someday', status: 'todo' },
      { fullName: 'the page closes', status: 'skipped', meta: chromium },
    );
    expect(renderSummary(summarize([task('a:test')], () => skipping, noOutput)).split('\n')).toEqual([
      'Skipped: for want of Chromium: apt-get install chromium',
      '  a:test: the page opens',
      '  a:test: the page closes',
      'Skipped: no reason given',
      '  a:test: someday',
      '0 passed, 0 failed',
    ]);
  });
});
