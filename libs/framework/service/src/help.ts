import type { Fragments } from '@org/config';
import type { ServiceDefinition } from './definition.ts';

const builtIn: readonly (readonly [string, string])[] = [
  ['serve', 'Serves until SIGTERM or SIGINT; what runs without a command.'],
  ['check-config', 'Checks the environment and opens nothing; exit code 78 when it is at fault.'],
  ['print-config', 'Prints what is in force and where it comes from, without secrets.'],
  ['describe', 'Prints settings, contract, connections and commands as JSON.'],
  ['help', 'Prints this.'],
];

/** What `node main.js help` prints. */
export function helpOf({ name, commands = [] }: ServiceDefinition<Fragments>): string {
  const own = commands.map(
    ({ name: command, usage, summary }) => [usage ? `${command} ${usage}` : command, summary] as const,
  );
  const rows = [...builtIn, ...own];
  const width = Math.max(...rows.map(([command]) => command.length));
  return [
    `${name}: node main.js [command]`,
    '',
    ...rows.map(([command, summary]) => `  ${command.padEnd(width)}  ${summary}`),
    '',
    'What it reads from the environment: print-config, or describe.',
  ].join('\n');
}
