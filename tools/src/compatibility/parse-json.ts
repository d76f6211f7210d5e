/**
 * Reads JSON that people edit or merge.
 *
 * @param file What it is called in the message.
 * @throws {Error} naming the file, when the text is not JSON, as with marks of a conflict in it.
 */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Error(`Cannot read ${file}: expected JSON, got ${(error as Error).message}`, { cause: error });
  }
}
