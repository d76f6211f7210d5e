import { misuse } from './read-line.ts';

/** The one of this name. */
export function named<Named extends { readonly name: string }>(all: readonly Named[], name: string): Named {
  const found = all.find((each) => each.name === name);
  if (found) return found;
  const names = all.map((each) => `\`${each.name}\``).join(', ');
  throw misuse(`\`${name}\` is none of this version's migrations${names && `: ${names}`}`);
}

/** Those up to the one of this name, or all. */
export function upTo<Named extends { readonly name: string }>(all: readonly Named[], name?: string): readonly Named[] {
  return name === undefined ? all : all.slice(0, all.indexOf(named(all, name)) + 1);
}
