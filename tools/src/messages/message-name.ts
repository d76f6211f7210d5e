import { camelCase } from '../tree/names.ts';
import { Refusal } from '../tree/refusal.ts';

/** What an event is called in code. */
export interface EventName {
  /** Such as `orders.order.placed.v1`. */
  readonly type: string;
  /** The thing, in words, such as `order`. */
  readonly noun: string;
  /** What happened to it, in words, such as `placed`. */
  readonly verb: string;
  /** The constant that defines it, such as `orderPlaced`; of a later major, `orderPlacedV2`. */
  readonly constant: string;
  /** What handles it, such as `onOrderPlaced`. */
  readonly handler: string;
  /** The file below `src/consumers`, without its ending: the domain. */
  readonly file: string;
}

const word = '([a-z][a-z0-9]*(?:-[a-z0-9]+)*)';
/** As the library of contracts has it. */
const pattern = new RegExp(String.raw`^${word}\.${word}\.${word}\.v([1-9]\d{0,3})$`);
const longest = 200;

/**
 * Reads `orders.order.placed.v1`.
 *
 * @throws {Refusal} when it is no type of an event.
 */
export function parseEventType(type: string, doing: string): EventName {
  const [, domain, entity, verb, major] = (type.length <= longest && pattern.exec(type)) || [];
  if (domain === undefined) {
    throw new Refusal(
      `${doing}: expected a type such as \`orders.order.placed.v1\`, got \`${type}\`: domain, thing, what happened to it (in the ` +
        `past tense) and major version, in kebab-case with dots between them, at most ${longest} characters.`,
    );
  }
  const constant = camelCase(`${entity}-${verb}`) + (major === '1' ? '' : `V${major}`);
  return {
    type,
    noun: entity!.replaceAll('-', ' '),
    verb: verb!.replaceAll('-', ' '),
    constant,
    handler: `on${constant.charAt(0).toUpperCase()}${constant.slice(1)}`,
    file: domain,
  };
}
