import { describe, expect, test } from 'vitest';
import { createGenerator } from '../test-fixtures/generate.ts';
import {
  amqpBinding,
  createEvent,
  decodeBatch,
  decodeMessage,
  encodeBatch,
  encodeBinary,
  encodeStructured,
  httpBinding,
  natsBinding,
  type CloudEvent,
} from './index.ts';

const event = createEvent({
  id: 'e 1',
  time: '2026-01-31T10:00:00Z',
  type: 'orders.order.placed.v1',
  source: '/services/orders',
  subject: 'Euro € 😀',
  data: { quantity: 1 },
  extensions: { count: 7, urgent: true },
});
const bindings = [httpBinding, amqpBinding, natsBinding];

/** What headers say of values that are no text. */
const asText = ({ data, ...attributes }: CloudEvent): CloudEvent => {
  const entries = Object.entries(attributes).map(([name, value]) => [name, String(value)]);
  return { ...(Object.fromEntries(entries) as unknown as CloudEvent), ...(data !== undefined && { data }) };
};

describe('in binary mode', () => {
  test('HTTP has `ce-` headers, percent-encoded, and a content type', () => {
    const { headers, body } = encodeBinary(event, httpBinding);
    expect(headers).toEqual({
      'ce-specversion': '1.0',
      'ce-id': 'e%201',
      'ce-time': '2026-01-31T10:00:00Z',
      'ce-type': 'orders.order.placed.v1',
      'ce-source': '/services/orders',
      'ce-subject': 'Euro%20%E2%82%AC%20%F0%9F%98%80',
      'ce-count': '7',
      'ce-urgent': 'true',
      'content-type': 'application/json',
    });
    expect(Buffer.from(body).toString()).toBe('{"quantity":1}');
  });

  test('AMQP has headers `cloudEvents:`, and the content type is a property', () => {
    const { headers } = encodeBinary(event, amqpBinding);
    expect(headers).toMatchObject({
      'cloudEvents:id': 'e 1',
      'cloudEvents:subject': 'Euro € 😀',
      'content-type': 'application/json',
    });
  });

  test('NATS has `ce-` headers, with the content type among them', () => {
    const { headers } = encodeBinary({ ...event, datacontenttype: 'application/json; charset=utf-8' }, natsBinding);
    expect(headers).toMatchObject({ 'ce-id': 'e%201', 'ce-datacontenttype': 'application/json;%20charset=utf-8' });
    expect(headers).not.toHaveProperty('content-type');
  });

  test.each(bindings)('$name gives back what any event was', (binding) => {
    const generator = createGenerator(1);
    for (let round = 0; round < 500; round += 1) {
      const sent = generator.event();
      expect(decodeMessage(encodeBinary(sent, binding), binding)).toEqual(asText(sent));
    }
  });

  test('what has no content type is said to be JSON, so that it is read as such', () => {
    const { datacontenttype: _, ...without } = event;
    expect(decodeMessage(encodeBinary(without, httpBinding), httpBinding)).toEqual(asText(event));
  });

  test('JSON that is bytes already goes as it is', () => {
    const { body } = encodeBinary({ ...event, data: Buffer.from('{"quantity": 1}') }, httpBinding);
    expect(decodeMessage({ headers: encodeBinary(event, httpBinding).headers, body }, httpBinding).data).toEqual({
      quantity: 1,
    });
  });

  test('no data and empty data are told apart as far as they can be', () => {
    const through = (given: object) => decodeMessage(encodeBinary({ ...event, ...given }, httpBinding), httpBinding);
    expect(through({ data: undefined })).not.toHaveProperty('data');
    expect(through({ data: undefined, datacontenttype: undefined })).not.toHaveProperty('data');
    expect(through({ data: null }).data).toBe(null);
    expect(through({ data: '' }).data).toBe('');
    expect(through({ data: '', datacontenttype: 'text/plain' }).data).toBe('');
    expect(through({ data: new Uint8Array(), datacontenttype: 'image/png' }).data).toHaveLength(0);
    const elsewhere = { data: undefined, datacontenttype: 'text/plain', dataref: 'claim-checks/x' };
    expect(through(elsewhere)).not.toHaveProperty('data');
  });
});

describe('what others write is read', () => {
  const body = Buffer.from('{"quantity":1}');
  const http = {
    'ce-specversion': '1.0',
    'ce-id': '1',
    'ce-source': '/s',
    'ce-type': 't',
    'content-type': 'application/json',
  };
  const amqp = {
    'cloudEvents:specversion': '1.0',
    'cloudEvents:id': '1',
    'cloudEvents:source': '/s',
    'cloudEvents:type': 't',
    'content-type': 'application/json',
  };

  test('headers in any case', () => {
    const headers = {
      'CE-SpecVersion': '1.0',
      'Ce-Id': '1',
      'ce-Source': '/s',
      'ce-type': 't',
      'Content-Type': 'text/plain',
    };
    expect(decodeMessage({ headers, body }, httpBinding)).toMatchObject({ id: '1', data: '{"quantity":1}' });
    expect(decodeMessage({ headers, body }, natsBinding)).toMatchObject({ id: '1', data: '{"quantity":1}' });
  });

  test('quoted values, needless and lower-case escapes, percent signs that escape nothing', () => {
    const values = { '"a \\"b\\" c"': 'a "b" c', '%61b': 'ab', '%e2%82%ac': '€', '50% off': '50% off', '%2541': '%41' };
    for (const [header, subject] of Object.entries(values)) {
      expect(decodeMessage({ headers: { ...http, 'ce-subject': header }, body }, httpBinding).subject).toBe(subject);
    }
  });

  test('AMQP headers `cloudEvents_`, and native types', () => {
    const headers = {
      ...Object.fromEntries(Object.entries(amqp).map(([name, value]) => [name.replace(':', '_'), value])),
      cloudEvents_time: new Date(0),
      cloudEvents_count: 7,
      cloudEvents_urgent: true,
      cloudEvents_gone: null,
      'x-death': [{ queue: 'orders' }, { queue: 'retry' }],
      'content-encoding': 'UTF-8',
    };
    const read = decodeMessage({ headers, body }, amqpBinding);
    expect(read).toMatchObject({ time: '1970-01-01T00:00:00.000Z', count: 7, urgent: true, data: { quantity: 1 } });
    expect(read).not.toHaveProperty('gone');
  });

  test('NATS values in lists of one, and JSON events without a header', () => {
    const headers = Object.fromEntries(Object.entries(http).map(([name, value]) => [name, [value]]));
    expect(decodeMessage({ headers, body }, natsBinding)).toMatchObject({ id: '1', data: { quantity: 1 } });
    const structured = Buffer.from(JSON.stringify({ specversion: '1.0', id: '1', source: '/s', type: 't', data: 1 }));
    expect(decodeMessage({ headers: {}, body: structured }, natsBinding)).toMatchObject({ id: '1', data: 1 });
  });

  test('extensions with long names, which can be sent on; names that are none are left out', () => {
    const long = 'abcdefghijklmnopqrstuvwxyz';
    const headers = { ...http, [`ce-${long}`]: 'x', 'ce-trip_id': 'y', 'ce-__proto__': 'z', cookie: 'c' };
    const read = decodeMessage({ headers, body }, httpBinding);
    expect(Object.keys(read).sort()).toEqual([long, 'data', 'datacontenttype', 'id', 'source', 'specversion', 'type']);
    expect(encodeBinary(read, httpBinding).headers).toHaveProperty(`ce-${long}`, 'x');
  });

  test('bytes where no content type says what they are', () => {
    const { 'content-type': _, ...headers } = http;
    expect(decodeMessage({ headers, body }, httpBinding).data).toEqual(body);
  });
});

describe('in structured mode', () => {
  test('is one JSON, with bytes as base64', () => {
    const { headers, body } = encodeStructured({ ...event, datacontenttype: 'image/png', data: Buffer.from('abc') });
    expect(headers).toEqual({ 'content-type': 'application/cloudevents+json' });
    expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({
      subject: 'Euro € 😀',
      count: 7,
      urgent: true,
      data_base64: 'YWJj',
    });
  });

  test.each(bindings)('$name gives back what any event was, types included', (binding) => {
    const generator = createGenerator(2);
    for (let round = 0; round < 300; round += 1) {
      const sent = generator.event();
      expect(decodeMessage(encodeStructured(sent), binding)).toEqual(sent);
    }
  });

  test('reads null as unset, but for data, and text of any type of bytes', () => {
    const read = (members: object) => {
      const json = { specversion: '1.0', id: '1', source: '/s', type: 't', ...members };
      const headers = { 'content-type': 'Application/CloudEvents+JSON; charset=utf-8' };
      return decodeMessage({ headers, body: Buffer.from(JSON.stringify(json)) }, httpBinding);
    };
    expect(read({ subject: null, data: null })).toEqual({
      specversion: '1.0',
      id: '1',
      source: '/s',
      type: 't',
      data: null,
    });
    expect(read({ datacontenttype: 'application/xml', data: '<a/>' }).data).toEqual(Buffer.from('<a/>'));
    expect(read({ datacontenttype: 'text/plain', data_base64: 'YWJj' }).data).toBe('abc');
    expect(read({ datacontenttype: 'application/json', data_base64: 'eyJhIjoxfQ==' }).data).toEqual({ a: 1 });
    expect(read({ data_base64: 'YWJj' }).data).toEqual(Buffer.from('abc'));
    expect(read({ tripId: 'x', data: 1 })).not.toHaveProperty('tripId');
  });
});

test('a batch gives back what any events were, and none', () => {
  const generator = createGenerator(3);
  const sent = Array.from({ length: 50 }, () => generator.event());
  expect(decodeBatch(encodeBatch(sent), httpBinding)).toEqual(sent);
  expect(decodeBatch(encodeBatch([]), httpBinding)).toEqual([]);
});
