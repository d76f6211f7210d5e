/**
 * Puts one npm scope in place of another wherever a text names it: `@one/errors`, `"@one"`, a pattern such as `@one\/`, and
 * `%40one` of a URL. What only begins or ends like it is something else: `@oneself`, `@one.example`, `name@one`.
 *
 * @param from With its `@`, such as `@one`.
 * @param to With its `@`.
 */
export function renameText(text: string, from: string, to: string): string {
  // A letter before the scope makes it an address, unless the letter belongs to an escape such as `\n`.
  const scope = new RegExp(`(?<=(?<!\\w)|\\\\[nrt])(@|%40)${from.slice(1)}(?![\\w~-]|\\.\\w)`, 'g');
  return text.replace(scope, (_, at: string) => at + to.slice(1));
}
