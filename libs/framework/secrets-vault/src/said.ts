const mostCharacters = 300;

/**
 * What Vault says in its errors, in one line. Some of its engines repeat what they were sent: whatever of it is a secret is
 * left out.
 */
export function saidIn(body: unknown, status: number, secrets: readonly string[]): string {
  const { errors, sealed } = (body ?? {}) as { readonly errors?: unknown; readonly sealed?: unknown };
  // So says its health, which has no errors.
  if (sealed === true) return 'Vault is sealed';
  const texts = Array.isArray(errors) ? errors.filter((text) => typeof text === 'string') : [];
  const line = texts
    .join('; ')
    .replace(/\d+ errors? occurred:/g, '')
    .replace(/\s*\*\s+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const clean = secrets.filter(Boolean).reduce((text, secret) => text.replaceAll(secret, '[secret]'), line);
  return clean.slice(0, mostCharacters) || `status ${status}`;
}
