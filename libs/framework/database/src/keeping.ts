import { expectInteger } from './expect-integer.ts';

/** What the tables of this library keep, and how much. */
export interface KeepingOptions {
  readonly outbox?: {
    /** How large an event may be as JSON, in bytes. Default: 1 048 576 (1 MiB), as that of brokers. */
    readonly maximumBytes?: number;
  };
  readonly inbox?: {
    /** How long an id is remembered, in milliseconds. Default: 604 800 000 (7 days). */
    readonly keepMs?: number;
  };
  readonly idempotency?: {
    /** How long an answer is remembered, in milliseconds. Default: 86 400 000 (24 hours). */
    readonly keepMs?: number;
    /** How large an answer may be as JSON, in bytes. Default: 1 048 576 (1 MiB). */
    readonly maximumBytes?: number;
  };
}

type Read<Given> = { readonly [Name in keyof Given]-?: Required<NonNullable<Given[Name]>> };
export type Keeping = Read<KeepingOptions>;

/** @throws {RangeError} when an option is not a whole number from 1 up. */
export function readKeeping({ outbox, inbox, idempotency }: KeepingOptions): Keeping {
  const keeping: Keeping = {
    outbox: { maximumBytes: 1_048_576, ...outbox },
    inbox: { keepMs: 604_800_000, ...inbox },
    idempotency: { keepMs: 86_400_000, maximumBytes: 1_048_576, ...idempotency },
  };
  for (const [part, options] of Object.entries(keeping)) {
    for (const [name, value] of Object.entries(options)) expectInteger(`${part}.${name}`, value);
  }
  return keeping;
}
