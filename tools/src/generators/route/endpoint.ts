import { camelCase } from '../../tree/names.ts';
import { Refusal } from '../../tree/refusal.ts';

/** What an endpoint does with the things that its path speaks of; it decides what is written for it. */
export type Kind = 'list' | 'read' | 'create' | 'change' | 'remove' | 'act';

/** An endpoint, and what it is called. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly kind: Kind;
  /** The operation's id, such as `getParcel`. */
  readonly operation: string;
  /** The thing, in words, such as `parcel`. */
  readonly noun: string;
  /** The parameters in the path. */
  readonly params: readonly string[];
  /** The file below `src/routes`, without its ending: the first word of the path. */
  readonly file: string;
  /** What a new file exports, such as `parcelRoutes`. */
  readonly routes: string;
}

const segment = /^(?:[a-z0-9]+(?:[-.][a-z0-9]+)*|:[a-z][A-Za-z0-9]*)$/;

/**
 * Reads `GET /parcels/:id`.
 *
 * @param operation The id to use in place of the one that method and path give.
 * @throws {Refusal} when it is not a method and a path, or the id is not in camelCase.
 */
export function parseEndpoint(text: string, operation: string | undefined, doing: string): Endpoint {
  const [, method, path = ''] = /^(GET|POST|PUT|PATCH|DELETE) +(\/\S*)$/i.exec(text.trim()) ?? [];
  const segments = path.split('/').slice(1);
  if (method === undefined || !segments.every((each) => segment.test(each)) || segments[0]!.startsWith(':')) {
    throw new Refusal(
      `${doing}: expected a method and a path such as \`GET /parcels/:id\`, got \`${text}\`. Methods are GET, POST, PUT, PATCH and ` +
        `DELETE; paths are in kebab-case with parameters as \`:id\`, without a query or a slash at the end.`,
    );
  }
  if (operation !== undefined && !/^[a-z][A-Za-z0-9]*$/.test(operation)) {
    throw new Refusal(`${doing}: expected --operation to be an id such as \`getParcel\`, got \`${operation}\`.`);
  }
  const upper = method.toUpperCase() as Endpoint['method'];
  const words = segments.filter((each) => !each.startsWith(':'));
  const kind = kindOf(upper, segments);
  const isWhole = (kind === 'change' || kind === 'remove') && !segments.at(-1)!.startsWith(':');
  const thing = (kind === 'act' ? words.at(-2) : words.at(-1)) ?? words[0]!;
  return {
    method: upper,
    path,
    kind,
    noun: (isWhole ? thing : singular(thing)).replaceAll('-', ' '),
    operation: operation ?? operationOf(upper, kind, words, isWhole),
    params: segments.filter((each) => each.startsWith(':')).map((each) => each.slice(1)),
    file: words[0]!,
    routes: `${camelCase(singular(words[0]!))}Routes`,
  };
}

function kindOf(method: Endpoint['method'], segments: readonly string[]): Kind {
  const last = segments.at(-1)!;
  if (method === 'GET') return last.startsWith(':') ? 'read' : 'list';
  if (method === 'DELETE') return 'remove';
  if (method !== 'POST') return 'change';
  // `/parcels/:id/cancel` is done to a parcel, `/parcels/:id/labels` makes a label.
  return segments.length > 1 && singular(last) === last ? 'act' : 'create';
}

const verbs = { GET: 'get', POST: 'create', PUT: 'replace', PATCH: 'update', DELETE: 'delete' } as const;

function operationOf(method: Endpoint['method'], kind: Kind, words: readonly string[], isWhole: boolean): string {
  const last = words.at(-1)!;
  if (kind === 'act') return camelCase(`${last}-${singular(words.at(-2) ?? 'it')}`);
  if (kind === 'list') return camelCase(`list-${last}`);
  return camelCase(`${verbs[method]}-${isWhole ? last : singular(last)}`);
}

/** The singular of the plurals that paths are made of; what is none stays as it is. */
export function singular(word: string): string {
  if (/(ss|us|is)$/.test(word)) return word;
  if (/ies$/.test(word)) return word.replace(/ies$/, 'y');
  return word.replace(/(?<=s|x|z|ch|sh)es$|s$/, '');
}
