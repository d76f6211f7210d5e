/** Where lines go. */
export interface Handler {
  /** Writes one line, with its line feed, before it returns; throws when it cannot. */
  write(line: string): unknown;
}
