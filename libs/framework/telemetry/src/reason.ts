const longest = 500;

/** What an error says, without the answer that a collector's errors carry along: nobody bounds its length. */
export function reasonOf(error: unknown): { readonly reason?: string; readonly code?: unknown } {
  if (!(error instanceof Error)) return {};
  const { message, name, code } = error as Error & { code?: unknown };
  return { reason: (message || name).slice(0, longest), ...(code !== undefined && { code }) };
}
