/** An event as it was sent, before its data is looked at. */
export interface RawEvent {
  readonly data: string;
  readonly event?: string;
  readonly id?: string;
  readonly retry?: number;
}

/** The stream has an event that is longer than may be. */
export class EventTooLarge extends RangeError {}

/**
 * The events in a stream of bytes, each of which may have so many characters.
 *
 * @throws {EventTooLarge}; {TypeError} for what is not UTF-8.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* parseEvents(bytes: AsyncIterable<Uint8Array>, maximum: number): AsyncGenerator<RawEvent> {
  let fields: Fields = { data: [], size: 0 };
  for await (const line of linesOf(bytes, maximum)) {
    if (line === '') {
      const { data, size: _, ...rest } = fields;
      // Without data there is no event, as of heartbeats.
      if (data.length > 0) yield { ...rest, data: data.join('\n') };
      fields = { data: [], size: 0 };
      continue;
    }
    takeField(fields, line);
    fields.size += line.length;
    if (fields.size > maximum) throw new EventTooLarge();
  }
}

interface Fields {
  readonly data: string[];
  event?: string;
  id?: string;
  retry?: number;
  size: number;
}

function takeField(fields: Fields, line: string): void {
  const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
  if (name === 'data') fields.data.push(value);
  else if (name === 'event') fields.event = value;
  else if (name === 'id' && !value.includes('\0')) fields.id = value;
  else if (name === 'retry' && /^\d{1,15}$/.test(value)) fields.retry = Number(value);
}

/** Lines end with CR, LF or both; what has no end is no line. */
async function* linesOf(bytes: AsyncIterable<Uint8Array>, maximum: number): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let maybeHalfAnEnd = false;
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true });
    rest += text;
    // A line that comes in many pieces is looked through once, and not with each of them.
    if (maybeHalfAnEnd || /[\r\n]/.test(text)) {
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      yield* lines;
    }
    maybeHalfAnEnd = text === '' ? maybeHalfAnEnd : text.endsWith('\r');
    if (rest.length > maximum) throw new EventTooLarge();
  }
}
