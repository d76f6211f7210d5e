import { describe, expect, test } from 'vitest';
import { codes, type Code } from './codes.ts';
import { codeFromHttpStatus, httpStatusByCode } from './http-status.ts';

describe('httpStatusByCode', () => {
  // The comments `HTTP Mapping` of google/rpc/code.proto, as they stand there.
  test.each<[Code, number]>([
    ['cancelled', 499],
    ['unknown', 500],
    ['invalid_argument', 400],
    ['deadline_exceeded', 504],
    ['not_found', 404],
    ['already_exists', 409],
    ['permission_denied', 403],
    ['unauthenticated', 401],
    ['resource_exhausted', 429],
    ['failed_precondition', 400],
    ['aborted', 409],
    ['out_of_range', 400],
    ['unimplemented', 501],
    ['internal', 500],
    ['unavailable', 503],
    ['data_loss', 500],
  ])('%s is %i', (code, status) => {
    expect(httpStatusByCode[code]).toBe(status);
  });

  test('has a row for each code', () => {
    expect(Object.keys(httpStatusByCode).sort()).toEqual([...codes].sort());
  });
});

describe('codeFromHttpStatus', () => {
  test.each<[number, Code]>([
    [400, 'invalid_argument'],
    [401, 'unauthenticated'],
    [403, 'permission_denied'],
    [404, 'not_found'],
    [408, 'deadline_exceeded'],
    [409, 'aborted'],
    [410, 'not_found'],
    [412, 'failed_precondition'],
    [428, 'failed_precondition'],
    [429, 'resource_exhausted'],
    [499, 'cancelled'],
    [501, 'unimplemented'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'deadline_exceeded'],
  ])('%i is %s', (status, code) => {
    expect(codeFromHttpStatus(status)).toBe(code);
  });

  test.each([402, 405, 406, 413, 415, 417, 422, 431, 451])('%i blames the request', (status) => {
    expect(codeFromHttpStatus(status)).toBe('invalid_argument');
  });

  test.each([500, 505, 507, 599])('%i blames the server', (status) => {
    expect(codeFromHttpStatus(status)).toBe('internal');
  });

  test.each([0, 100, 200, 204, 304, 600, -1, Number.NaN])('%s says nothing about an error', (status) => {
    expect(codeFromHttpStatus(status)).toBe('unknown');
  });

  test.each(codes)('the status of %s leads to a code with the same status', (code) => {
    const status = httpStatusByCode[code];
    expect(httpStatusByCode[codeFromHttpStatus(status)]).toBe(status);
  });
});
