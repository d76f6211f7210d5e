/** What data is by its media type. Text of other charsets than UTF-8 is not read. */
export type ContentKind = 'json' | 'text' | 'bytes';

const longest = 1_000;

/** The kind of data of a media type; `no-media-type` when it is none, `charset` when its text is not in UTF-8. */
export function contentKindOf(contentType: string): ContentKind | 'no-media-type' | 'charset' {
  if (contentType === 'application/json') return 'json';
  if (contentType.length > longest) return 'no-media-type';
  // RFC 9110 section 8.3.1.
  const [, type = '', subtype = '', parameters = ''] =
    /^([\w!#$&^.+-]+)\/([\w!#$&^.+-]+)[ \t]*(;[\t\x20-\x7e]*)?$/.exec(contentType) ?? [];
  if (type === '') return 'no-media-type';
  const isJson = /^(?:.*\+)?json$/i.test(subtype);
  if (!isJson && type.toLowerCase() !== 'text') return 'bytes';
  const charsets = [...parameters.matchAll(/;[ \t]*charset[ \t]*=[ \t]*"?([^ \t;"]*)/gi)];
  // A parameter that comes twice is read differently by everyone on the way.
  if (charsets.length > 1) return 'no-media-type';
  if (charsets.some(([, charset = '']) => !/^(?:utf-?8|us-ascii)$/i.test(charset))) return 'charset';
  return isJson ? 'json' : 'text';
}
