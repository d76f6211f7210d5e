/** One task of a run, as Nx writes it to `run.json` in its cache. */
export interface RunTask {
  taskId: string;
  projectName: string;
  target: string;
  startTime: string;
  cacheStatus: 'cache-miss' | 'local-cache-hit' | 'remote-cache-hit';
  /** The exit code. */
  status: number;
}

/** What is read of the JSON report of Vitest. */
export interface TestReport {
  /** In milliseconds since 1970. */
  startTime: number;
  testResults: FileResult[];
}

interface FileResult {
  /** The file. */
  name: string;
  status: 'passed' | 'failed';
  message: string;
  assertionResults: {
    fullName: string;
    status: string;
    /** What a skipped test wants and how to get it, as `skipUnless` of the testing library notes it. */
    meta?: { skipped?: string };
  }[];
}

export interface Summary {
  passed: number;
  /** Tests that failed, files of tests that could not be run, and failed tasks that are no tests, such as lint. */
  failed: string[];
  /** The tests that were skipped, by the reason. */
  skipped: ReadonlyMap<string, readonly string[]>;
}

/**
 * Sums what a run of Nx has shown: the reports of the tests that belong to it, and every task that failed besides.
 */
export function summarize(tasks: readonly RunTask[], reportOf: (task: RunTask) => TestReport | undefined): Summary {
  const failed: string[] = [];
  const skipped = new Map<string, string[]>();
  let passed = 0;
  for (const task of tasks) {
    const files = freshReport(task, reportOf)?.testResults ?? [];
    const failures = files.flatMap((file) => failuresOf(file).map((failure) => `${task.taskId}: ${failure}`));
    failed.push(...failures);
    if (task.status !== 0 && failures.length === 0) failed.push(task.taskId);
    for (const { status, fullName, meta } of files.flatMap((file) => file.assertionResults)) {
      if (status === 'passed') passed += 1;
      if (status === 'passed' || status === 'failed') continue;
      const reason = meta?.skipped ? `for want of ${meta.skipped}` : 'no reason given';
      skipped.set(reason, [...(skipped.get(reason) ?? []), `${task.taskId}: ${fullName}`]);
    }
  }
  return { passed, failed, skipped };
}

function failuresOf({ name, status, message, assertionResults }: FileResult): string[] {
  const failures = assertionResults.filter((test) => test.status === 'failed').map((test) => test.fullName);
  return status === 'failed' && failures.length === 0 ? [`${name}: ${message}`] : failures;
}

/** A task that was run writes its report while it runs; one that was not gets it back from the cache. */
function freshReport(task: RunTask, reportOf: (task: RunTask) => TestReport | undefined): TestReport | undefined {
  const report = reportOf(task);
  const stale = task.cacheStatus === 'cache-miss' && report && report.startTime < Date.parse(task.startTime);
  return stale ? undefined : report;
}

export function renderSummary({ passed, failed, skipped }: Summary): string {
  const lines = [...skipped].flatMap(([reason, tests]) => [`Skipped: ${reason}`, ...tests.map((test) => `  ${test}`)]);
  if (failed.length > 0) lines.push('Failed', ...failed.map((what) => `  ${what}`));
  return [...lines, `${passed} passed, ${failed.length} failed`].join('\n');
}
