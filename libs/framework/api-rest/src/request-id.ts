const wellFormed = /^[\w.:/+=@-]{1,128}$/;

/** The caller's id when it is safe to repeat in headers and logs, else a new one. */
export function requestIdFrom(header: string | string[] | undefined): string {
  return typeof header === 'string' && wellFormed.test(header) ? header : crypto.randomUUID();
}
