import type { Fragments } from '@org/config';
import type { ServiceDefinition } from './definition.ts';

const builtIn: readonly (readonly [command: string, summary: string, usage?: string])[] = [
  ['serve', 'Serves until SIGTERM or SIGINT; what runs without a command.'],
  ['check-config', 'Checks the environment and opens nothing; exit code 78 when it is at fault.'],
  ['print-config', 'Prints what is in force and where it comes from, without secrets.'],
  ['describe', 'Prints settings, contract, connections and commands as JSON.'],
  ['help', 'Prints this.'],
];

/** What `node main.js help` prints. */
export function helpOf({ name, commands = [] }: ServiceDefinition<Fragments>): string {
  const rows = [...builtIn, ...commands.map((own) => [own.name, own.summary, own.usage] as const)];
  const width = Math.max(...rows.map(([command]) => command.length));
  const line = (left: string, right: string) => `  ${left.padEnd(width)}  ${right}`;
  return [
    `${name}: node main.js [command]`,
    '',
    ...rows.flatMap(([command, summary, usage]) => [line(command, summary), ...(usage ? [line('', usage)] : [])]),
    '',
    'What it reads from the environment: print-config, or describe.',
  ].join('\n');
}
