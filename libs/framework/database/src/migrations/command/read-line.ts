import { parseArgs } from 'node:util';
import { ServiceError } from '@org/errors';

/** What each action takes besides: a name, which it may need, and options. */
const actions = {
  generate: { name: 'needed', options: ['empty'] },
  run: { name: 'none', options: [] },
  status: { name: 'none', options: ['json'] },
  rollback: { name: 'possible', options: ['to'] },
  check: { name: 'none', options: [] },
  baseline: { name: 'possible', options: [] },
  sql: { name: 'possible', options: ['down'] },
} as const satisfies Record<string, { name: 'needed' | 'possible' | 'none'; options: readonly string[] }>;

/** What the command line asks for. */
export interface Asked {
  readonly action: keyof typeof actions;
  /** The migration that it names. */
  readonly name?: string;
  readonly to?: string;
  readonly empty?: boolean;
  readonly json?: boolean;
  readonly down?: boolean;
}

export const usage =
  'generate NAME [--empty] | check | run | status [--json] | rollback [NAME|--to NAME] | baseline [NAME] | sql [NAME] [--down]';

/** @throws {ServiceError} invalid_argument, without a reason: the kernel prints it with the usage. */
export function readLine(line: readonly string[]): Asked {
  const [action = '', ...rest] = line;
  if (!isAction(action)) throw misuse(`\`${action}\` is none of ${Object.keys(actions).join(', ')}`);
  const { values, positionals } = parse(rest);
  const { name: takes, options } = actions[action];
  const foreign = Object.keys(values).find((option) => !(options as readonly string[]).includes(option));
  if (foreign !== undefined) throw misuse(`\`${action}\` has no option \`--${foreign}\``);
  const [name, ...others] = positionals;
  if (others.length > 0 || (takes === 'none' && name !== undefined))
    throw misuse(`\`${action}\` takes ${takes === 'none' ? 'no name' : 'one name'}`);
  if (takes === 'needed' && name === undefined) throw misuse(`\`${action}\` needs a name, such as \`orders_total\``);
  if (name !== undefined && values.to !== undefined) throw misuse('there are both a name and --to');
  return { action, ...values, ...(name !== undefined && { name }) };
}

export function misuse(why: string): ServiceError {
  return new ServiceError('invalid_argument', `Cannot run \`migration\`: ${why}`);
}

function parse(args: string[]) {
  const flag = { type: 'boolean' } as const;
  const options = { empty: flag, json: flag, down: flag, to: { type: 'string' } } as const;
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    // What follows the first sentence is about values that begin with a dash.
    throw misuse((error as Error).message.split('. ')[0]!);
  }
}

function isAction(text: string): text is Asked['action'] {
  return Object.hasOwn(actions, text);
}
