/** One answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  /** By lower-case names; a header that came twice is joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body in UTF-8, without the framing of chunks. */
  readonly text: string;
}

/**
 * Takes apart what came over one connection, as Latin-1. Interim answers (1xx) are left out.
 *
 * @throws {Error} when it is anything but whole answers of HTTP/1.1, one behind the other.
 */
export function parseAnswers(bytes: string): Answer[] {
  const answers: Answer[] = [];
  for (let rest = bytes; rest !== '';) {
    const read = readAnswer(rest);
    if (!read) throw new Error(`Expected whole answers of HTTP/1.1, got ${JSON.stringify(rest.slice(0, 500))}`);
    if (read.answer.status >= 200) answers.push(read.answer);
    rest = read.rest;
  }
  return answers;
}

/** An answer in short: its status and, if it is a problem with one, its reason. */
export function summaryOf({ status, text }: Answer): string {
  const { reason } = (status < 400 || text === '' ? {} : JSON.parse(text)) as { reason?: string };
  return reason === undefined ? String(status) : `${status} ${reason}`;
}

function readAnswer(bytes: string): { answer: Answer; rest: string } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  const [first = '', ...lines] = bytes.slice(0, Math.max(end, 0)).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  const headers = readHeaders(lines);
  if (end === -1 || Number.isNaN(status) || !headers) return undefined;
  const behind = bytes.slice(end + 4);
  const body = readBody(status, headers, behind);
  const text = body && Buffer.from(body.text, 'latin1').toString();
  return body && { answer: { status, headers, text: text! }, rest: body.rest };
}

function readHeaders(lines: readonly string[]): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+): ([^\0\r\n]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  }
  return headers;
}

function readBody(status: number, headers: Answer['headers'], bytes: string) {
  if (status < 200 || status === 204 || status === 304) return { text: '', rest: bytes };
  if (headers['transfer-encoding'] === 'chunked') return readChunks(bytes);
  // Node's own answer to what is no request ends with the connection.
  if (headers['content-length'] === undefined && headers.connection === 'close') return { text: bytes, rest: '' };
  const length = Number(headers['content-length']);
  // The answer to HEAD says how long the body would be; another answer, or none, follows.
  if (length > 0 && (bytes === '' || bytes.startsWith('HTTP/1.1 '))) return { text: '', rest: bytes };
  return bytes.length >= length ? { text: bytes.slice(0, length), rest: bytes.slice(length) } : undefined;
}

function readChunks(bytes: string): { text: string; rest: string } | undefined {
  let text = '';
  for (let at = 0; ;) {
    const end = bytes.indexOf('\r\n', at);
    const digits = bytes.slice(at, Math.max(end, at));
    if (!/^[0-9a-f]+$/i.test(digits)) return undefined;
    const size = Number.parseInt(digits, 16);
    const from = end + 2;
    if (bytes.slice(from + size, from + size + 2) !== '\r\n') return undefined;
    if (size === 0) return { text, rest: bytes.slice(from + 2) };
    text += bytes.slice(from, from + size);
    at = from + size + 2;
  }
}
