import { describe, expect, test } from 'vitest';
import { contentKindOf } from './content-type.ts';

const kinds = {
  'application/json': 'json',
  'Application/JSON; charset=UTF-8': 'json',
  'application/vnd.order.v1+json;charset="utf-8"': 'json',
  'text/json': 'json',
  'text/plain': 'text',
  'text/csv; header=present; charset=us-ascii': 'text',
  'application/xml': 'bytes',
  'application/jsonlines': 'bytes',
  'image/png; charset=whatever': 'bytes',
  'text/plain; charset=iso-8859-1': 'charset',
  'application/json; charset=utf-16': 'charset',
  'application/json; charset=': 'charset',
  'application/json; charset=utf-8; charset=utf-16': 'no-media-type',
  'application/json, text/plain': 'no-media-type',
  'text/plain; name=é': 'no-media-type',
  json: 'no-media-type',
  '/json': 'no-media-type',
  '': 'no-media-type',
  [`text/${'x'.repeat(1_000)}`]: 'no-media-type',
};

describe('contentKindOf', () => {
  test.each(Object.entries(kinds))('%s is %s', (contentType, kind) => {
    expect(contentKindOf(contentType)).toBe(kind);
  });
});
