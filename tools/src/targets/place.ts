import type { TargetConfiguration } from '@nx/devkit';
import type { Project } from '../workspace.ts';

export type Inputs = NonNullable<TargetConfiguration['inputs']>;

/** A project, and where its commands find the workspace. */
export interface Place extends Project {
  /** The way from the project's folder to the workspace's, such as `../../..`. */
  up: string;
  /** The `exports` condition under which packages of the workspace resolve to their TypeScript sources. */
  condition: string;
}

/** A command line that is run in a folder. */
export function command(line: string, cwd: string, rest: Partial<TargetConfiguration> = {}): TargetConfiguration {
  return { executor: 'nx:run-commands', options: { command: line, cwd }, ...rest };
}

/** What makes a target a cached one. */
export function cached(inputs: Inputs, outputs: string[] = []) {
  return { cache: true, inputs, outputs };
}
