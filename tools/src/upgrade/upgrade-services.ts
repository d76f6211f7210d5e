import type { Tree } from '@nx/devkit';
import { fork } from './fork.ts';
import { messageOf, upgradeStep, type Step } from './upgrade-step.ts';
import type { Versions } from './versions.ts';

/** A service, and the versions that it has yet to take, the oldest first. */
export interface Plan {
  readonly name: string;
  readonly ahead: readonly string[];
}

export interface Upgraded {
  /** The workspace with all that succeeded. */
  readonly tree: Tree;
  readonly steps: readonly Step[];
  /** Where services stopped. */
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly name: string;
  readonly to: string;
  readonly reason: string;
}

/**
 * Takes services to the versions that they have yet to take, one version at a time.
 *
 * Nx writes a tree when a generator returns, and throws it away when it throws. So each step has a tree of its own: one that
 * fails leaves nothing behind, half an edit least of all, and those before it stay, with the version that they recorded, from
 * which the next run goes on. A service with conflicts goes no further, since codemods and merges would run over the marks, nor
 * does one of which a step failed; the other services do.
 *
 * @param show Told of each step when it is done.
 * @param fail Told of each that failed.
 */
export async function upgradeServices(
  tree: Tree,
  plans: readonly Plan[],
  versions: Versions,
  { show, fail }: { show: (step: Step) => void; fail: (failure: Failure) => void },
): Promise<Upgraded> {
  const steps: Step[] = [];
  const failures: Failure[] = [];
  let done = tree;
  for (const { name, ahead } of plans) {
    for (const to of ahead) {
      const attempt = fork(done);
      try {
        steps.push(await upgradeStep(attempt, name, to, versions));
      } catch (error) {
        failures.push({ name, to, reason: messageOf(error) });
        fail(failures.at(-1)!);
        break;
      }
      done = attempt;
      const step = steps.at(-1)!;
      show(step);
      if (conflictsOf(step).length > 0) break;
    }
  }
  return { tree: done, steps, failures };
}

/** The files of a step in which both sides changed the same lines. */
export function conflictsOf({ template = [] }: Step): string[] {
  return template.filter(({ outcome }) => outcome === 'conflict').map(({ path }) => path);
}
