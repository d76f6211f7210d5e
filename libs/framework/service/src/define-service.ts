import type { Fragments, Settings } from '@org/config';
import { runCommandLine } from './command-line.ts';
import type { ServiceDefinition } from './definition.ts';
import { fragmentsOf } from './fragments.ts';
import { openService, type OpenOptions, type RunningService } from './open-service.ts';

/** A service that can be run. Nothing has happened yet. */
export interface Service<Config extends Fragments = Fragments> {
  readonly name: string;
  readonly definition: ServiceDefinition<Config>;
  /**
   * Runs the command line: `node main.js` serves until a signal ends it, `node main.js help` lists what else there is.
   * Sets the exit code and ends the process.
   */
  run(commandLine?: readonly string[]): Promise<void>;
  /** Starts the service inside this process, without touching the process: no signals, no exit. For tests. */
  open(options?: OpenOptions): Promise<RunningService<Settings<Config>>>;
}

const reservedCommands = ['serve', 'describe', 'check-config', 'print-config', 'help'];

/**
 * Defines a service: what it is called, reads and promises, and how its parts are opened. Nothing is opened here.
 *
 * @throws {TypeError} when the name is not kebab-case, a command's name is taken, or a fragment that the kernel needs
 *   first would take references.
 */
export function defineService<const Config extends Fragments>(definition: ServiceDefinition<Config>): Service<Config> {
  const { name, commands = [] } = definition;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new TypeError(`Expected \`name\` to be in kebab-case, such as \`example-service\`, got \`${name}\``);
  }
  const names = new Set(reservedCommands);
  for (const command of commands) {
    if (names.has(command.name)) {
      throw new TypeError(`Expected each command to have a name of its own, got \`${command.name}\` again`);
    }
    names.add(command.name);
  }
  fragmentsOf(definition);
  return {
    name,
    definition,
    run: (commandLine = process.argv.slice(2)) => runCommandLine(definition, commandLine),
    open: (options = {}) => openService(definition, options),
  };
}
