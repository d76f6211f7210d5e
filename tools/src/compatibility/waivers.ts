import type { Break } from './break.ts';
import { parseJson } from './parse-json.ts';

/** A break that is meant: reviewed with the change that makes it, in `waivers.json` of the contract. */
export interface Waiver {
  /** As the report names it, such as `POST /orders` or `event orders.order.placed.v1`. */
  readonly operation: string;
  /** As the report names it, such as `request body /note`. */
  readonly place: string;
  /** Why nobody minds, or who was asked. */
  readonly reason: string;
}

/**
 * Reads `waivers.json`.
 *
 * @throws {Error} when it is not a list of waivers with a reason each.
 */
export function parseWaivers(text: string, file: string): Waiver[] {
  const waivers = parseJson(text, file);
  const isWaiver = (each: unknown) =>
    typeof each === 'object' &&
    each !== null &&
    Object.keys(each).sort().join() === 'operation,place,reason' &&
    Object.values(each).every((value) => typeof value === 'string' && value.trim() !== '');
  if (Array.isArray(waivers) && waivers.every(isWaiver)) return waivers as Waiver[];
  throw new Error(
    `Cannot read ${file}: expected a list of { "operation": "POST /orders", "place": "request body /note", "reason": "…" } with nothing empty.`,
  );
}

export function isWaived(waivers: readonly Waiver[], { operation, place }: Break): boolean {
  return waivers.some((waiver) => waiver.operation === operation && waiver.place === place);
}
