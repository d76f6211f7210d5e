import { ROOT_CONTEXT } from '@opentelemetry/api';
import { createCall, runInCall, runInContext } from '@org/context';
import { describe, expect, test } from 'vitest';
import { createEvent, createEventContext, type CreateEventOptions } from './index.ts';

const given = { type: 'orders.order.placed.v1', source: '/services/orders' };

describe('createEvent', () => {
  test('makes a plain object with id and time', () => {
    const before = Date.now();
    const event = createEvent({ ...given, data: { quantity: 1 }, subject: 'o1', key: 'c1' });
    expect(event).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/),
      time: expect.stringMatching(/Z$/),
      ...given,
      subject: 'o1',
      partitionkey: 'c1',
      datacontenttype: 'application/json',
      data: { quantity: 1 },
    });
    expect(Date.parse(event.time ?? '')).toBeGreaterThanOrEqual(before);
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
  });

  test('has no content type without data, and one of its own for bytes', () => {
    expect(createEvent(given)).not.toHaveProperty('datacontenttype');
    expect(createEvent({ ...given, data: null }).datacontenttype).toBe('application/json');
    expect(createEvent({ ...given, data: new Uint8Array(1) }).datacontenttype).toBe('application/octet-stream');
  });

  test('takes moments as dates and as text', () => {
    const event = createEvent({ ...given, time: new Date(0), expirytime: '2026-01-31T10:00:00+01:00' });
    expect(event).toMatchObject({ time: '1970-01-01T00:00:00.000Z', expirytime: '2026-01-31T10:00:00+01:00' });
  });

  test('correlates with the request of the current call', () => {
    using call = createCall({ requestId: 'r1' });
    const event = runInCall(call, () => createEvent(given));
    expect(event.correlationid).toBe('r1');
    expect(event).not.toHaveProperty('causationid');
    expect(createEvent(given)).not.toHaveProperty('correlationid');
  });

  test('is caused by the event that is being handled, and belongs to what that belongs to', () => {
    const first = createEvent({ ...given, id: 'e1' });
    const second = runInContext(createEventContext(first, ROOT_CONTEXT), () => createEvent({ ...given, id: 'e2' }));
    expect(second).toMatchObject({ correlationid: 'e1', causationid: 'e1' });
    const third = runInContext(createEventContext(second, ROOT_CONTEXT), () => createEvent(given));
    expect(third).toMatchObject({ correlationid: 'e1', causationid: 'e2' });
    const other = { correlationId: 'mine', causationId: 'also mine' };
    const told = runInContext(createEventContext(second, ROOT_CONTEXT), () => createEvent({ ...given, ...other }));
    expect(told).toMatchObject({ correlationid: 'mine', causationid: 'also mine' });
  });

  const misuse: Record<string, Partial<CreateEventOptions<unknown>>> = {
    'an empty id': { id: '' },
    'an empty type': { type: '' },
    'an empty subject': { subject: '' },
    'a subject of two lines': { subject: 'a\r\nx: y' },
    'half a surrogate pair': { subject: '\ud800' },
    'a noncharacter': { subject: '\ufffe' },
    'a source with a space': { source: '/my orders' },
    'a source with half an escape': { source: '/a%2' },
    'a relative schema': { dataschema: '/schemas/order' },
    'a time that is none': { time: 'yesterday' },
    'a date that is none': { time: new Date(NaN) },
    'a moment without its offset': { expirytime: '2026-01-31T10:00:00' },
    'a content type that is none': { datacontenttype: 'json' },
    'another charset': { datacontenttype: 'text/plain; charset=iso-8859-1' },
    'an extension in camel case': { extensions: { tripId: 'x' } },
    'an extension of 21 letters': { extensions: { abcdefghijklmnopqrstu: 'x' } },
    'an extension without a name': { extensions: { '': 'x' } },
    'an extension called data': { extensions: { data: 'x' } },
    'an extension that is an attribute already': { extensions: { subject: 'x' } },
    'an integer of 33 bits': { extensions: { count: 2 ** 31 } },
    'a fraction': { extensions: { count: 1.5 } },
    'an object': { extensions: { count: {} as string } },
  };
  test.each(Object.entries(misuse))('refuses %s', (_, options) => {
    expect(() => createEvent({ ...given, ...options })).toThrow(TypeError);
  });

  test('takes extensions of 20 letters, and leaves out those that are undefined', () => {
    const extensions = { abcdefghijklmnopqrst: 'x', gone: undefined, count: -(2 ** 31), urgent: false };
    const event = createEvent({ ...given, extensions });
    expect(event).toMatchObject({ abcdefghijklmnopqrst: 'x', count: -(2 ** 31), urgent: false });
    expect(event).not.toHaveProperty('gone');
  });
});
