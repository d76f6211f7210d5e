import { camelCase } from '../../tree/names.ts';
import { Refusal } from '../../tree/refusal.ts';

/** What the code of a port and of its adapters calls things. */
export interface Names {
  /** `Parcels`: the interface. */
  readonly type: string;
  /** `parcels`, as in `parcelsSettings`. */
  readonly variable: string;
  /** `PARCELS`, as in `PARCELS_URL`. */
  readonly constant: string;
  /** `acmeParcels`; for a port itself of no use. */
  readonly adapter: string;
}

/** Types that the files of a port import or that TypeScript has. */
const taken = ['Fragment', 'Pick', 'Readonly', 'Record', 'Resource', 'Runtime', 'Secret'];

/**
 * The names that follow from that of a port.
 *
 * @throws {Refusal} when its interface would hide something that the code speaks of.
 */
export function namesOf(port: string, vendor: string, doing: string): Names {
  const variable = camelCase(port);
  const type = variable.charAt(0).toUpperCase() + variable.slice(1);
  if (taken.includes(type) || type in globalThis) {
    throw new Refusal(
      `${doing}: its interface would be called \`${type}\`, as something else is. Choose another name.`,
    );
  }
  const constant = port.toUpperCase().replaceAll('-', '_');
  return { type, variable, constant, adapter: camelCase(vendor) + type };
}
