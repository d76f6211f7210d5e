/** One task of a run, as Nx writes it to `run.json` in its cache. */
export interface RunTask {
  taskId: string;
  projectName: string;
  target: string;
  /** Under which Nx keeps what it printed. */
  hash: string;
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
    /** Of each error, its message and where it was thrown. */
    failureMessages?: string[];
    /** What a skipped test wants and how to get it, as `skipUnless` of the testing library notes it. */
    meta?: { skipped?: string };
  }[];
}

export interface Summary {
  passed: number;
  /**
   * Tests that failed and files of tests that could not be run, with what was thrown; and tasks that failed besides, such as lint
   * or tests that left an error to nobody, with the end of what they printed.
   */
  failed: string[];
  /** The tests that were skipped, by the reason. */
  skipped: ReadonlyMap<string, readonly string[]>;
}

/** How much is shown of an error, and of what a task printed, in lines. */
const [errorLines, outputLines] = [10, 60];

/**
 * Sums what a run of Nx has shown: the reports of the tests that belong to it, and every task that failed besides.
 *
 * @param outputOf What a task printed.
 */
export function summarize(
  tasks: readonly RunTask[],
  reportOf: (task: RunTask) => TestReport | undefined,
  outputOf: (task: RunTask) => string | undefined,
): Summary {
  const failed: string[] = [];
  const skipped = new Map<string, string[]>();
  let passed = 0;
  for (const task of tasks) {
    const files = freshReport(task, reportOf)?.testResults ?? [];
    const failures = files.flatMap((file) => failuresOf(file).map((failure) => `${task.taskId}: ${failure}`));
    failed.push(...failures);
    if (task.status !== 0 && failures.length === 0) failed.push(task.taskId + indent(lastOf(outputOf(task) ?? '')));
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
  const failures = assertionResults
    .filter((test) => test.status === 'failed')
    .map(({ fullName, failureMessages = [] }) => fullName + indent(failureMessages.flatMap(messageOf)));
  return status === 'failed' && failures.length === 0 ? [`${name}: ${message}`] : failures;
}

/** Without the stack. */
function messageOf(error: string): string[] {
  const [message = ''] = error.split(/\n\s+at /, 1);
  return message.split('\n').slice(0, errorLines);
}

function lastOf(output: string): string[] {
  return output.trimEnd().split('\n').filter(Boolean).slice(-outputLines);
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `\n    ${line}`).join('');
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
