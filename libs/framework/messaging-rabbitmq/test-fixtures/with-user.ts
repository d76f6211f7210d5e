/** A URL of a broker with the user that holds where it names none. */
export function withUser(url: string): string {
  const parsed = new URL(url);
  return parsed.username === '' ? url.replace('://', '://guest:guest@') : url;
}
