const word = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*';
const version = String.raw`\.v([1-9]\d{0,3})`;
const patterns = {
  event: new RegExp(String.raw`^(${word}(?:\.${word}){2})${version}$`),
  query: new RegExp(String.raw`^(${word}(?:\.${word}){1,2})${version}$`),
};
/** Room for what brokers put around it: a routing key of AMQP 0-9-1 ends at 255 bytes. */
const maximumLength = 200;

/** The kinds of messages that a contract can promise. */
export type MessageKind = 'event' | 'command' | 'query';

/** A type such as `orders.order.placed.v1`, taken apart. */
export interface MessageType {
  /** What all majors have in common: `orders.order.placed`. */
  readonly name: string;
  readonly major: number;
}

/** Takes the type of a message apart; `undefined` when no contract could name it, as when it comes from somebody else. */
export function splitMessageType(type: string): MessageType | undefined {
  const [, name, major] = (type.length <= maximumLength && patterns.query.exec(type)) || [];
  return name === undefined ? undefined : { name, major: Number(major) };
}

/** What is wrong with the type of a message, if anything is. */
export function faultOfMessageType(kind: MessageKind, type: unknown): string | undefined {
  const pattern = kind === 'query' ? patterns.query : patterns.event;
  if (typeof type === 'string' && type.length <= maximumLength && pattern.test(type)) return undefined;
  return `Expected \`type\` to be ${expectations[kind]} in lower case and at most ${maximumLength} characters, got \`${String(type)}\``;
}

const expectations: Readonly<Record<MessageKind, string>> = {
  event: '`<domain>.<entity>.<past-tense verb>.v<major>` such as `orders.order.placed.v1`,',
  command: '`<domain>.<entity>.<verb>.v<major>` such as `orders.order.ship.v1`,',
  query: '`<domain>.<name>.v<major>` or `<domain>.<entity>.<name>.v<major>` such as `orders.quote.v1`,',
};
