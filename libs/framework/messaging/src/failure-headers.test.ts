import { expect, test } from 'vitest';
import { failureFrom, failureHeaders, withoutFailure } from './failure-headers.ts';

const failure = {
  code: 'not_found',
  reason: 'ORDER_NOT_FOUND',
  message: 'żółw 🐢\r\nx-evil: 1 %41 \ud800',
  attempts: 3,
  firstAt: '2026-01-01T00:00:00.000Z',
  lastAt: '2026-01-02T00:00:00.000Z',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
} as const;

test('a failure goes through headers of printable ASCII and back', () => {
  const headers = failureHeaders(failure);
  for (const value of Object.values(headers)) expect(value).toMatch(/^[\x21-\x7e]*$/);
  expect(failureFrom(headers)).toEqual({ ...failure, message: 'żółw 🐢\r\nx-evil: 1 %41 \ufffd' });
});

test('a dead letter that says nothing of its failure is shown all the same', () => {
  expect(failureFrom({ 'dead-letter-message': '%', 'dead-letter-code': 7 })).toMatchObject({
    code: 'unknown',
    message: '%',
  });
});

test('what a message had before stays', () => {
  expect(withoutFailure({ ...failureHeaders(failure), 'ce-id': '1' })).toEqual({ 'ce-id': '1' });
});
