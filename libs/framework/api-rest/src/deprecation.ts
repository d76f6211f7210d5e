import type { Operation } from '@org/contract';

/**
 * The headers by which every answer of an operation says that it is deprecated, names and values in turn: since when
 * (RFC 9745), from when on it may be gone (RFC 8594), and where to read about it. None without days.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9745
 * @see https://www.rfc-editor.org/rfc/rfc8594
 */
export function deprecationHeaders({ deprecated }: Operation): readonly string[] {
  if (typeof deprecated !== 'object') return [];
  const { since, sunset, link } = deprecated;
  return [
    ...['deprecation', `@${Date.parse(since) / 1000}`],
    ...(sunset === undefined ? [] : ['sunset', new Date(sunset).toUTCString()]),
    // As the URL parser writes it, there is nothing in it that could end the link or the header.
    ...(link === undefined ? [] : ['link', `<${new URL(link).href}>; rel="deprecation"; type="text/html"`]),
  ];
}
