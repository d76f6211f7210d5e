import { takenNames } from './format-json.ts';
import { rememberNames } from './names.ts';
import type { Fields } from './record.ts';
import { isHarmlessText } from './redact-text.ts';
import { redact } from './redact.ts';
import { isSecretName } from './secret-names.ts';

/** Fields that are safe to print. */
export interface SafeFields {
  readonly fields: Fields;
  /** Whether they are flat and of plain texts, with no name that a line of JSON has already. */
  readonly plain: boolean;
}

// A text that is no URL with a secret, needs no escape in JSON and does nothing on a terminal: printable ASCII without
// quotes, backslashes, question marks and `://`. One look at each character is cheaper than several at the whole.
const notPlain = /[^ !#->@-[\]-~]|:\/\//;
const longestPlainText = 1_024;

/** Makes a function that gives fields as they are safe to print. It never throws; small flat objects come back uncopied. */
export function createSafeFields(): (fields: unknown) => SafeFields {
  const kindOf = rememberNames(kindOfName);

  /** Tells whether fields can be printed as they are; `undefined` when they cannot. */
  function look(fields: Fields): SafeFields | undefined {
    if (Object.getPrototypeOf(fields) !== Object.prototype) return undefined;
    let plain = true;
    for (const name in fields) {
      const kind = kindOf(name);
      if (kind === 'harmful') return undefined;
      if (kind !== 'plain') plain = false;
      const value = fields[name];
      if (typeof value === 'string') {
        if (value.length <= longestPlainText && !notPlain.test(value)) continue;
        if (!isHarmlessText(value)) return undefined;
        plain = false;
      } else if (!isScalar(value)) return undefined;
    }
    return { fields, plain };
  }

  return (fields) => {
    if (typeof fields !== 'object' || fields === null) return noFields;
    try {
      const found = look(fields as Fields);
      if (found) return found;
    } catch {
      // A proxy or a getter that throws; the copy tells what can be read.
    }
    return { fields: copyFields(fields), plain: false };
  };
}

/** A copy of fields that is safe to print. An error alone is what was meant by `{ err: error }`. */
export function copyFields(fields: object): Fields {
  const copied = redact(Error.isError(fields) ? { err: fields } : fields);
  return typeof copied === 'object' && copied !== null && !Array.isArray(copied)
    ? (copied as Fields)
    : { value: copied };
}

/** No fields at all. */
export const noFields: SafeFields = Object.freeze({ fields: Object.freeze({}), plain: true });

function kindOfName(name: string): 'harmful' | 'harmless' | 'plain' {
  if (isSecretName(name) || !isHarmlessText(name)) return 'harmful';
  return takenNames.has(name.replace(/^_+/, '')) || notPlain.test(name) ? 'harmless' : 'plain';
}

function isScalar(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean' || value === undefined || value === null;
}
