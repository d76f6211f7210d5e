import { parseArgs } from 'node:util';
import { ServiceError } from '@org/errors';

const actions = ['generate', 'run', 'status', 'check'] as const;

/** What the command line asks for. */
export interface Asked {
  readonly action: (typeof actions)[number];
  /** The migration that it names. */
  readonly name: string | undefined;
  readonly empty: boolean;
  readonly json: boolean;
}

/** @throws {ServiceError} invalid_argument, without a reason: the kernel prints it with the usage. */
export function readLine(line: readonly string[]): Asked {
  const [action = '', ...rest] = line;
  if (!isAction(action)) throw misuse(`\`${action}\` is none of ${actions.join(', ')}`);
  const { values, positionals } = parse(rest);
  const [name, ...others] = positionals;
  if (others.length > 0) throw misuse('there is more than one name');
  if (action === 'generate' && name === undefined) throw misuse('`generate` needs a name, such as `orders_total`');
  return { action, name, empty: false, json: false, ...values };
}

export function misuse(why: string): ServiceError {
  return new ServiceError('invalid_argument', `Cannot run \`migration\`: ${why}`);
}

function parse(args: string[]) {
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({ args, allowPositionals: true, options: { empty: flag, json: flag } });
  } catch (error) {
    // What follows the first sentence is about values that begin with a dash.
    throw misuse((error as Error).message.split('. ')[0]!);
  }
}

function isAction(text: string): text is Asked['action'] {
  return (actions as readonly string[]).includes(text);
}
