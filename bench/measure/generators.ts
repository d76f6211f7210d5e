import { appendFileSync, cpSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './limits.ts';
import { median } from './rounds.ts';
import { table } from './table.ts';
import { copyWorkspace, linkPackages, type WorkspaceCopy } from './workspace-copy.ts';

interface Measured {
  readonly findings: Finding[];
  readonly figures: string;
}

const few = 10;
const many = 100;

/** What is asked of Nx; with nothing to do, since all is built. */
const questions: Readonly<Record<string, readonly string[]>> = {
  'nx show projects': ['nx', 'show', 'projects'],
  'nx affected -t build, one change': ['nx', 'affected', '-t', 'build', '--base=HEAD'],
  'nx run-many -t build': ['nx', 'run-many', '-t', 'build'],
};

/** What Nx takes in a workspace of 100 generated services, as a ratio to what it takes in one of 10: with its daemon, and without. */
export async function measureWorkspace({ rounds }: { rounds: number }): Promise<Measured> {
  await using small = copyWorkspace();
  await using large = copyWorkspace();
  for (const [copy, count] of [[small, few] as const, [large, many] as const]) {
    linkPackages(copy);
    generateServices(copy, count);
    copy.commit();
    appendFileSync(join(copy.root, 'apps/service-1/src/main.ts'), '// A change.\n');
    copy.run(['nx', 'run-many', '-t', 'build']);
  }
  const rows = ['daemon', 'no daemon'].flatMap((mode) => {
    const environment = { NX_DAEMON: String(mode === 'daemon') };
    return Object.entries(questions).map(([question, command]) => {
      const [ofFew, ofMany] = timeInTurns(
        [small, large].map((copy) => () => copy.run(command, environment)),
        rounds,
      );
      return { what: `${question}, ${mode}`, ofFew: ofFew!, ofMany: ofMany! };
    });
  });
  return {
    findings: rows.map(({ what, ofFew, ofMany }) => ({
      what: `${what}: ${many} services, to ${few}`,
      value: ofMany / ofFew,
      atMost: 2,
    })),
    figures: table(
      ['ms', `${few} services`, `${many} services`],
      rows.map(({ what, ofFew, ofMany }) => [what, ofFew.toFixed(0), ofMany.toFixed(0)]),
    ),
  };
}

/** Generates the first and the last; those between are copies of the first, and the last brings the lock file in step with all. */
function generateServices({ root, scope, run }: WorkspaceCopy, count: number): void {
  run(['nx', 'g', `${scope}/tools:service`, 'service-1']);
  for (let index = 2; index < count; index += 1) {
    for (const folder of ['apps', 'libs/contracts']) {
      const copied = join(root, folder, `service-${index}`);
      cpSync(join(root, folder, 'service-1'), copied, { recursive: true });
      for (const file of globSync('**/*.*', { cwd: copied }).map((each) => join(copied, each))) {
        const text = readFileSync(file, 'utf8');
        writeFileSync(file, text.replaceAll('service-1', `service-${index}`).replaceAll('service1', `service${index}`));
      }
    }
  }
  run(['nx', 'g', `${scope}/tools:service`, `service-${count}`]);
}

const nxVersion = '23.2.1';
/** What `@nx/node` needs to give an application what a service of ours has. */
const peerPackages = ['node', 'eslint', 'jest', 'vite', 'vitest'].map((name) => `@nx/${name}@${nxVersion}`);
const peerVariants: Readonly<Record<string, readonly string[]>> = {
  'with lint, tests and end-to-end tests': ['--linter=eslint', '--unitTestRunner=vitest', '--e2eTestRunner=jest'],
  'with tests': ['--linter=none', '--unitTestRunner=vitest', '--e2eTestRunner=none'],
  'with nothing': ['--linter=none', '--unitTestRunner=none', '--e2eTestRunner=none'],
};

/**
 * What it takes to generate a service, as a ratio to what the generator of `@nx/node` takes in the same workspace. Both have run
 * there before, so that neither installs anything, and Nx's daemon knows the workspace as it is.
 */
export async function measureGenerators({ rounds }: { rounds: number }): Promise<Measured> {
  await using copy = copyWorkspace();
  const { root, scope, run } = copy;
  const environment = { NX_DAEMON: 'true' };
  // Vitest is newer here than `@nx/vitest` expects.
  appendFileSync(join(root, '.npmrc'), '\nlegacy-peer-deps=true\n');
  run(['npm', 'ci', '--no-audit', '--no-fund']);
  run(['npm', 'install', '--no-audit', '--no-fund', '--save-dev', '--save-exact', ...peerPackages]);
  const theirs = (options: readonly string[], name: string) => [
    ...['nx', 'g', '@nx/node:application', `apps/${name}`, '--framework=express', '--bundler=esbuild'],
    ...[...options, '--no-interactive'],
  ];
  run(theirs(peerVariants['with lint, tests and end-to-end tests']!, 'before'));
  const commands = {
    'a service': ['nx', 'g', `${scope}/tools:service`, 'ours'],
    ...Object.fromEntries(
      Object.entries(peerVariants).map(([variant, options]) => [`@nx/node, ${variant}`, theirs(options, 'theirs')]),
    ),
  };
  copy.commit();
  const timed = Object.values(commands).map((command) => () => {
    const took = run(command, environment);
    copy.reset();
    // Nx's daemon ends by itself some time after the lock file has changed, which would hit whoever comes next.
    run(['nx', 'reset', '--only-daemon']);
    for (let question = 0; question < 2; question += 1) run(['nx', 'show', 'projects'], environment);
    return took;
  });
  const times = timeInTurns(timed, rounds);
  return {
    findings: [
      { what: 'to generate a service, to @nx/node with lint and all tests', value: times[0]! / times[1]!, atMost: 0.5 },
    ],
    figures: table(
      ['', 'ms'],
      Object.keys(commands).map((name, index) => [name, times[index]!.toFixed(0)]),
    ),
  };
}

/** The median of each in milliseconds: after one that does not count all are timed in turns, the order reversed every round. */
function timeInTurns(commands: readonly (() => number)[], rounds: number): number[] {
  for (const command of commands) command();
  const times = commands.map((): number[] => []);
  const turns = [...commands.entries()];
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, command] of round % 2 === 0 ? turns : turns.toReversed()) times[index]!.push(command());
  }
  return times.map(median);
}
