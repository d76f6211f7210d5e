/**
 * Reads the body of an answer as text, at most so many bytes of it, counted as they come out of its compression.
 * Past that the rest is left unread, the connection is closed, and there is no text.
 *
 * @throws {TypeError} when it is not UTF-8, or the connection breaks off.
 */
export async function readText(response: Response, maximumBytes: number): Promise<string | undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  // Leaving the loop cancels the body.
  for await (const chunk of chunksOf(response)) {
    bytes += chunk.byteLength;
    if (bytes > maximumBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Reads what is left of a body, so that the connection can be used again, unless that is too much. */
export async function drain(response: Response, maximumBytes: number): Promise<void> {
  let bytes = 0;
  for await (const chunk of chunksOf(response)) {
    bytes += chunk.byteLength;
    if (bytes > maximumBytes) return;
  }
}

/** Leaves the rest of a body unread, which closes the connection. */
export async function leave(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {});
}

function chunksOf({ body }: Response): AsyncIterable<Uint8Array> | Uint8Array[] {
  return (body as AsyncIterable<Uint8Array> | null) ?? [];
}
