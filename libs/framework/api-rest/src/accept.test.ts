import { expect, test } from 'vitest';
import { createAccepts } from './accept.ts';

test.each([
  [undefined, true],
  ['', true],
  ['*/*', true],
  ['application/json', true],
  ['application/*', true],
  ['APPLICATION/JSON; charset=utf-8', true],
  ['application/vnd.api+json', true],
  ['text/html, */*;q=0.1', true],
  ['text/html', false],
  ['application/jsonp', false],
  ['application/json;q=0', false],
  ['application/json;q=0.0, */*', false],
  ['*/*;q=0, application/json', true],
  ['application/*;q=0, */*', false],
  ['application/json;q=0, application/json', true],
  [';,,/', false],
])('Accept %j takes JSON: %s', (accept, taken) => {
  expect(createAccepts('application/json')(accept)).toBe(taken);
});

test.each([
  ['text/csv', true],
  ['text/*', true],
  ['application/json, text/csv;q=0.5', true],
  ['application/json', false],
  ['application/csv+json', false],
])('Accept %j takes text/csv; charset=utf-8: %s', (accept, taken) => {
  expect(createAccepts('text/csv; charset=utf-8')(accept)).toBe(taken);
});
