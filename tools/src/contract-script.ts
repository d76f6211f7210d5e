import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What a script of the contract library has printed, and how it ended. */
export interface ScriptRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly error?: Error | undefined;
}

export interface ScriptOptions {
  /** The folder of the contract library, such as `libs/framework/contract`. */
  readonly library: string;
  readonly scope: string;
  readonly arguments?: readonly string[];
  readonly input: string;
  /** In milliseconds. */
  readonly timeoutMs: number;
}

/** Runs a script of the contract library as a process, from source: the tools import nothing of the workspace. */
export function runContractScript(workspaceRoot: string, script: string, options: ScriptOptions): ScriptRun {
  const file = join(workspaceRoot, options.library, 'src/scripts', script);
  const line = [`--conditions=${options.scope}/source`, file, ...(options.arguments ?? [])];
  return spawnSync(process.execPath, line, {
    cwd: workspaceRoot,
    encoding: 'utf8',
    input: options.input,
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    timeout: options.timeoutMs,
    maxBuffer: 64 * 1024 * 1024,
  });
}
