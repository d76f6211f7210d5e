import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { readProjects, type Project } from '../src/workspace.ts';
import { workspaceRoot } from './scratch.ts';

const read = (file: string) => readFileSync(join(workspaceRoot, file), 'utf8');
const linesOf = (file: string) => read(file).trimEnd().split('\n');

const projects = readProjects(workspaceRoot);
const libraries = projects.filter(({ root }) => root.startsWith('libs/'));
/** What git has and what it would take with the next `git add`, but for what is deleted. */
const tracked = git('ls-files', '--cached', '--others', '--exclude-standard').filter((file) =>
  existsSync(join(workspaceRoot, file)),
);
const markdown = tracked.filter((file) => file.endsWith('.md'));

/** Reasons with their codes, by the package that they come from. */
type Reasons = Record<string, Record<string, string>>;

/** Stands for a code that is not in the source: it is that of another error. */
const inherited = 'inherited';

describe('docs/errors.md', () => {
  test('lists the reasons of the sources with their codes, and no others', () => {
    const inSources = Object.fromEntries(
      projects
        .filter(({ root }) => /^(libs|apps)\//.test(root))
        .map((project) => [project.manifest.name, reasonsOf(project)] as const)
        .filter(([, reasons]) => Object.keys(reasons).length > 0),
    );
    expect(reasonsOfPage(read('docs/errors.md'))).toEqual(inSources);
  });

  test('lists a reason of a package once', () => {
    for (const section of read('docs/errors.md').split(/^## /m)) {
      const listed = [...section.matchAll(/^\| `([A-Z][A-Z0-9_]*)` \|/gm)].map(([, reason]) => reason);
      expect(listed).toEqual([...new Set(listed)]);
    }
  });

  test('is compared with what the sources throw, in whatever way they write it', () => {
    const text = `
      const GONE = 'GONE_FOR_GOOD';
      const refusals = { TOO_LATE: { status: 408 } };
      new ServiceError('not_found', 'x', { reason: GONE, cause });
      new ServiceError(code, 'x', { reason: late ? 'CAME_LATE' : 'NEVER_CAME' });
      new ServiceError(code, 'x', { reason: other.reason ?? 'CAME_AT_LAST' });
      failWith('x', { code: 'aborted', reason: 'WAS_CHANGED' });
      check({ status: 'failed', reason: 'no answer' });
      const example = { examples: [{ reason: 'NOT_THROWN' }] };`;
    expect(reasonsIn([ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true)])).toEqual({
      GONE_FOR_GOOD: 'not_found',
      CAME_LATE: inherited,
      CAME_AT_LAST: inherited,
      NEVER_CAME: inherited,
      WAS_CHANGED: 'aborted',
      TOO_LATE: 'status 408',
    });
  });
});

test('docs/migrations.md lists the rules of the check, and no others', () => {
  const source = read('libs/framework/database/src/migrations/rolling-deploy/rules.ts');
  const rules = [...source.matchAll(/^ {2}'?([a-z-]+)'?: \{$/gm)].map(([, rule]) => rule!);
  const [, table] = /^\| rule \| finds \|\n\| --- \| --- \|\n((?:\|.*\n)+)/m.exec(read('docs/migrations.md')) ?? [];
  const firsts = (table ?? '').split('\n').map((row) => row.split('|')[1] ?? '');
  const listed = firsts.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, rule]) => rule!));
  expect(rules.length).toBeGreaterThan(20);
  expect(listed.toSorted()).toEqual(rules.toSorted());
});

describe.each(libraries.map(({ root }) => root))('the library %s', (root) => {
  test('has a README of at most 90 lines', () => {
    expect(tracked).toContain(`${root}/README.md`);
    expect(linesOf(`${root}/README.md`).length).toBeLessThanOrEqual(90);
  });

  test('has a test beside its code', () => {
    expect(tracked.filter((file) => file.startsWith(`${root}/src/`) && file.endsWith('.test.ts'))).not.toEqual([]);
  });
});

describe('the files that git tracks', () => {
  test.each(markdown)('no relative link of %s is broken', (file) => {
    const broken = linksOf(read(file)).filter((link) => !leadsSomewhere(file, link));
    expect(broken).toEqual([]);
  });

  test('name no folder of somebody’s machine', () => {
    const anyHome = /(?:\/home|\/Users)\/[\w.-]+\/|\/root\/|[A-Z]:\\Users\\/;
    // A checkout right below the root, such as `/app`, may be a name like any other.
    const here = dirname(workspaceRoot) === '/' ? undefined : `${workspaceRoot}/`;
    const named = tracked.filter((file) => {
      const text = read(file);
      return anyHome.test(text) || (here !== undefined && text.includes(here));
    });
    expect(named).toEqual([]);
  });

  test('lock no package to one registry', () => {
    const locks = tracked.filter((file) => posix.basename(file) === 'package-lock.json');
    expect(locks).toContain('package-lock.json');
    expect(locks.filter((file) => /"resolved": "https?:/.test(read(file)))).toEqual([]);
  });
});

test.each(markdown.filter((file) => file.startsWith('docs/decisions/')))(
  '%s has a date, context, decision and consequences in one page',
  (file) => {
    const lines = linesOf(file);
    const date = /^(\d{4}-\d{2}-\d{2})-[a-z0-9-]+\.md$/.exec(posix.basename(file))?.[1];
    expect(lines.filter((line) => line.startsWith('## '))).toEqual(['## Context', '## Decision', '## Consequences']);
    expect(lines[2]).toBe(date);
    expect(lines.length).toBeLessThanOrEqual(40);
  },
);

describe('the README of the workspace', () => {
  const readme = read('README.md');
  const examples = [...readme.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code ?? '');
  const curl = /-d '([^']*)'/.exec(readme)?.[1];
  const contract = projects.find(({ root }) => root === 'libs/contracts/example-service')?.manifest.name;

  test('has examples that run, and an order that is one', () => {
    const app = join(workspaceRoot, 'apps/example-service');
    // As deep as `test`, where they say that they are, and not tracked.
    const folder = join(app, '.data');
    mkdirSync(folder, { recursive: true });
    const files = [
      ...examples,
      `import { newOrder } from '${contract}';
       import { expect, test } from 'vitest';
       test('the order of curl', () => expect(newOrder.parse(${curl})).toEqual(${curl}));`,
    ].map((code, index) => {
      const file = join(folder, `readme-${process.pid}-${index}.test.ts`);
      writeFileSync(file, code);
      return file;
    });
    try {
      // What runs from `dist` is left to the application's own tests: nothing says that it is built.
      const vitest = [
        'run',
        '--root',
        '.',
        '--config',
        '../../vitest.config.ts',
        '--dir',
        '.data',
        '--reporter',
        'tap-flat',
      ];
      const line = [...vitest, '--testNamePattern', '^(?!.*\\bbuilt$)', `readme-${process.pid}-`];
      const { stdout, stderr } = spawnSync('vitest', line, { cwd: app, env: withoutVitest(), encoding: 'utf8' });
      const outcomes = stdout.split('\n').filter((each) => /^(not )?ok /.test(each) && !each.includes('# SKIP'));
      expect(
        outcomes.filter((each) => each.startsWith('not ok')),
        stdout + stderr,
      ).toEqual([]);
      expect(outcomes.length, stdout + stderr).toBe(files.length);
    } finally {
      for (const file of files) rmSync(file, { force: true });
    }
  });
});

/** The rows `| REASON | code |` of the page, below the headings that name packages. */
function reasonsOfPage(page: string): Reasons {
  const sections = page.split(/^## /m).slice(1);
  return Object.fromEntries(
    sections.map((section) => {
      const rows = [...section.matchAll(/^\| `([A-Z][A-Z0-9_]*)` \| (?:`([a-z_]+)`|that of [^|]+) \|/gm)];
      const heading = section.slice(0, section.indexOf('\n'));
      return [heading, Object.fromEntries(rows.map(([, reason, code]) => [reason, code ?? inherited]))];
    }),
  );
}

function reasonsOf({ root }: Project): Record<string, string> {
  const files = globSync(`${root}/src/**/*.ts`, { cwd: workspaceRoot }).filter((file) => !isForTests(file));
  const sources = files.map((file) => ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true));
  const reasons = reasonsIn(sources);
  const statuses = Object.values(reasons).flatMap((code) => /^status (\d+)$/.exec(code)?.[1] ?? []);
  const codes = codesOf(statuses.map(Number));
  return Object.fromEntries(
    Object.entries(reasons).map(([reason, code]) => [reason, codes[code.replace('status ', '')] ?? code]),
  );
}

function isForTests(file: string): boolean {
  return file.endsWith('.test.ts') || /\/src\/(testing|conformance|fixtures)\//.test(file);
}

/** The code that a client assumes for each status: asked of `@org/errors`, which the tools may not import. */
function codesOf(statuses: readonly number[]): Record<string, string> {
  if (statuses.length === 0) return {};
  const program = `
    import { codeFromHttpStatus } from '${projects.find(({ shortName }) => shortName === 'errors')?.manifest.name}';
    console.log(JSON.stringify(Object.fromEntries(${JSON.stringify(statuses)}.map((each) => [each, codeFromHttpStatus(each)]))));`;
  const node = ['--conditions=@org/source', '--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, node, { cwd: workspaceRoot, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, string>;
}

/** Every `reason` that is handed to a constructor or a function, and every key of a table named `refusals`. */
function reasonsIn(sources: readonly ts.SourceFile[]): Record<string, string> {
  const constants = new Map<string, string>();
  const reasons: Record<string, string> = {};
  const visitEach = (visit: (node: ts.Node) => void) => {
    const walk = (node: ts.Node): void => {
      visit(node);
      ts.forEachChild(node, walk);
    };
    sources.forEach(walk);
  };

  visitEach((node) => {
    if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name) || !node.initializer) return;
    const value = withoutTypes(node.initializer);
    if (ts.isStringLiteral(value)) constants.set(node.name.text, value.text);
    if (node.name.text !== 'refusals' || !ts.isObjectLiteralExpression(value)) return;
    for (const entry of value.properties.filter(ts.isPropertyAssignment)) {
      const status = /status: (\d+)/.exec(entry.initializer.getText())?.[1];
      reasons[entry.name.getText()] = `status ${status}`;
    }
  });

  visitEach((node) => {
    if (!ts.isPropertyAssignment(node) || node.name.getText() !== 'reason') return;
    const call = node.parent.parent;
    if (!ts.isNewExpression(call) && !ts.isCallExpression(call)) return;
    const code = textOf(ts.isNewExpression(call) ? call.arguments?.[0] : siblingOf(node, 'code'));
    for (const reason of textsOf(node.initializer, constants)) {
      if (!/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(reason)) continue;
      if (code !== undefined || reasons[reason] === undefined) reasons[reason] = code ?? inherited;
    }
  });
  return reasons;
}

function siblingOf({ parent }: ts.PropertyAssignment, name: string): ts.Expression | undefined {
  return parent.properties.filter(ts.isPropertyAssignment).find((each) => each.name.getText() === name)?.initializer;
}

function textOf(expression: ts.Expression | undefined): string | undefined {
  return expression && ts.isStringLiteral(expression) ? expression.text : undefined;
}

/** The texts that an expression may have, as far as they stand in the source. */
function textsOf(expression: ts.Expression, constants: ReadonlyMap<string, string>): string[] {
  if (ts.isConditionalExpression(expression)) {
    return [expression.whenTrue, expression.whenFalse].flatMap((branch) => textsOf(branch, constants));
  }
  if (ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
    return [expression.left, expression.right].flatMap((side) => textsOf(side, constants));
  }
  const text = ts.isIdentifier(expression) ? constants.get(expression.text) : textOf(expression);
  return text === undefined ? [] : [text];
}

function withoutTypes(expression: ts.Expression): ts.Expression {
  return ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression)
    ? withoutTypes(expression.expression)
    : expression;
}

/** The targets of the links of a page that lead to other pages or headings of the workspace. */
function linksOf(page: string): string[] {
  const prose = page.replace(/^ *(```|~~~)[^]*?^ *\1/gm, '').replace(/`[^`\n]*`/g, '``');
  const links = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?: +"[^"]*")?\)/g), ...prose.matchAll(/^\[[^\]]+\]: *(\S+)/gm)];
  return links.map(([, target = '']) => target).filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));
}

function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', heading] = decodeURI(link).split('#');
  const target = path === '' ? from : posix.join(posix.dirname(from), path).replace(/\/$/, '');
  const isFile = tracked.includes(target);
  if (!isFile && target !== '.' && !tracked.some((file) => file.startsWith(`${target}/`))) return false;
  return heading === undefined || (isFile && headingsOf(read(target)).includes(heading));
}

/** The anchors that GitHub gives to the headings of a page. */
function headingsOf(page: string): string[] {
  const anchor = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
  return [...page.matchAll(/^#{1,6} +(.+)$/gm)].map(([, text = '']) => anchor(text.trim()));
}

/** The environment of this process without what Vitest tells its workers. */
function withoutVitest(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
}

function git(...line: string[]): string[] {
  const text = execFileSync('git', line, { cwd: workspaceRoot, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return text.split('\n').filter((file) => file !== '');
}
