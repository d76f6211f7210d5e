/** A path of Vault as a URL takes it. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/**
 * What a path should be: completes the sentence "expected …"; `undefined` when it is. Vault refuses parent references, and would read others as another
 * path than the one that was meant.
 */
export function problemOfPath(path: string): string | undefined {
  const segments = path.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return 'a path without empty parts and dots alone, such as `kv/orders/database`';
  }
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'a path without control characters';
  if (segments.length < 2) return 'a mount and a path in it, such as `kv/orders`';
  if (segments[0] === 'sys' || segments[0] === 'auth') return 'a secrets engine, not `sys` or `auth`';
  return undefined;
}
