import type { Runtime } from './runtime.ts';
import type { Resource } from './resource.ts';

/** What a sub-command is given when it runs. */
export interface CommandContext<Settings = never> {
  /** What followed the command's name on the command line. */
  readonly arguments: readonly string[];
  readonly settings: Settings;
  /** Opens a resource that the kernel closes when the command ends. */
  readonly start: <Opened extends Partial<Resource>>(
    name: string,
    open: (runtime: Runtime) => Opened | Promise<Opened>,
  ) => Promise<Opened>;
  /** Writes a line to standard output. */
  readonly print: (line: string) => void;
}

/** A sub-command of the service's own file: `node main.js <name> …`. */
export interface Command<Settings = never> {
  readonly name: string;
  /** One sentence for `help`. */
  readonly summary: string;
  /** How its arguments are written, such as `list | replay <id>`. */
  readonly usage?: string;
  /** What `describe` says of it besides, as plain JSON. It opens nothing and needs no environment. */
  describe?(service: { readonly name: string; readonly contract: unknown }): Readonly<Record<string, unknown>>;
  /** Does the work. A `ServiceError` with code `invalid_argument` prints as misuse (exit code 64), any other as failure (exit code 1). */
  run(context: CommandContext<Settings>): Promise<void>;
}
