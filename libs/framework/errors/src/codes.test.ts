import { describe, expect, test } from 'vitest';
import { codeFromGrpcStatus, codes, grpcStatusByCode, isCode } from './codes.ts';

// The enum `Code` of google/rpc/code.proto, as it stands there.
const googleRpcCode = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  UNAUTHENTICATED: 16,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
};

describe('codes', () => {
  test('are those of gRPC besides OK, in the order of their numbers', () => {
    expect(codes).toHaveLength(16);
    expect(codes.map((code) => grpcStatusByCode[code])).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
    expect(new Set(codes)).toEqual(new Set(Object.keys(googleRpcCode).map((name) => name.toLowerCase())));
  });

  test.each(Object.entries(googleRpcCode))('%s has the number %i, there and back', (name, number) => {
    const code = name.toLowerCase();
    expect(grpcStatusByCode).toHaveProperty(code, number);
    expect(codeFromGrpcStatus(number)).toBe(code);
  });

  test.each([0, 17, -1, 1.5, Number.NaN])('the number %s is unknown', (number) => {
    expect(codeFromGrpcStatus(number)).toBe('unknown');
  });
});

describe('isCode', () => {
  test.each(codes)('knows %s', (code) => {
    expect(isCode(code)).toBe(true);
  });

  test.each(['ok', 'NOT_FOUND', '', 'toString', '__proto__', 5, null, undefined, {}, ['not_found']])(
    'does not take %o for a code',
    (value) => {
      expect(isCode(value)).toBe(false);
    },
  );
});
