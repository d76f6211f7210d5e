import type { FileOutcome } from './merge-template.ts';
import { conflictsOf } from './upgrade-services.ts';
import type { Step } from './upgrade-step.ts';

/** What a step did, as lines for whoever runs it. */
export function describeStep({ service, from, to, codemods, template }: Step): string {
  const lines = codemods.flatMap(({ name, files }) => [
    `  codemod ${name}`,
    ...listed(files.map((file) => line('edited', file))),
  ]);
  const merged = template?.map(({ outcome, path }) => line(outcome, path));
  return [
    '',
    `${service.name} ${from} → ${to}`,
    ...lines,
    ...(merged ? [`  template ${to}`, ...listed(merged)] : []),
  ].join('\n');
}

/** What the team has to look at after the steps: what became of their own edits. Empty when nothing. */
export function describeLeftovers(steps: readonly Step[]): string {
  const lines = steps.flatMap((step) => [
    ...(step.template ?? []).flatMap((each) => leftover(step, each)),
    ...step.notes,
  ]);
  return lines.length > 0 ? ['', 'Left to you:', '', ...lines.map((each) => `  ${each}`)].join('\n') : '';
}

/** What to do about the conflicts of the steps; empty when there are none. */
export function describeConflicts(steps: readonly Step[], again: string): string {
  const files = steps.flatMap(conflictsOf);
  if (files.length === 0) return '';
  return [
    'Both sides changed the same lines of these files; from `<<<<<<< yours` to `>>>>>>> template` they are marked:',
    '',
    ...files.map((file) => `  ${file}`),
    '',
    `Resolve them, run the tests, and commit; \`${again}\` then goes on with what comes after.`,
  ].join('\n');
}

/** How to see what was done, and go on. */
export function describeNext(steps: readonly Step[]): string {
  const projects = new Set(steps.flatMap(({ service: { app, contract } }) => [app.shortName, contract.shortName]));
  return [
    '',
    'Next:',
    '',
    '  git diff HEAD --stat',
    `  npx nx run-many -t lint typecheck test build e2e -p ${[...projects].join()}`,
    '  git add -A && git commit',
    '',
  ].join('\n');
}

function leftover({ from, to }: Step, { path, outcome, notes = [] }: FileOutcome): string[] {
  if (outcome === 'kept') return [`${path}: the template has it no longer; delete it once nothing of yours needs it`];
  if (outcome === 'absent') {
    const change = `git diff --no-index tools/templates/${from} tools/templates/${to}`;
    return [`${path}: the template changed it, and you deleted or moved it; \`${change}\` shows the change`];
  }
  return notes.map((note) => `${path}: ${note}`);
}

function line(what: string, path: string): string {
  return `    ${what.padEnd('conflict'.length)}  ${path}`;
}

function listed(lines: readonly string[]): readonly string[] {
  return lines.length > 0 ? lines : ['    nothing to change'];
}
