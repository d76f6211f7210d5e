/**
 * What a generator throws instead of writing anything: what it was asked to do, why it does not, and what to do about it.
 * Nx prints the message and ends with exit code 1; a tree that is thrown away was never written.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** A refusal that shows lines to add by hand, for files that somebody has shaped in a way of their own. */
export function byHand(what: string, file: string, reason: string, lines: readonly string[]): Refusal {
  const shown = lines.flatMap((line) => line.split('\n')).map((line) => `    ${line}`);
  return new Refusal([`${what}: ${file} ${reason}. Nothing was written. By hand, add there:`, '', ...shown].join('\n'));
}

/** A refusal that lists what stands in the way: the first few lines, and how many more there are. */
export function listing(message: string, lines: readonly string[], most = 10): Refusal {
  const shown = lines.slice(0, most).map((line) => `    ${line}`);
  const more = lines.length > shown.length ? [`    and ${lines.length - shown.length} more`] : [];
  return new Refusal([message, '', ...shown, ...more].join('\n'));
}
