/**
 * The closed list of error codes: gRPC's sixteen besides `OK`, as lower-case words.
 * The numbers are gRPC's, so that a code can be sent as a gRPC status unchanged.
 *
 * @see https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
 * @see https://github.com/grpc/grpc/blob/master/doc/statuscodes.md
 */
export const grpcStatusByCode = {
  cancelled: 1,
  unknown: 2,
  invalid_argument: 3,
  deadline_exceeded: 4,
  not_found: 5,
  already_exists: 6,
  permission_denied: 7,
  resource_exhausted: 8,
  failed_precondition: 9,
  aborted: 10,
  out_of_range: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  data_loss: 15,
  unauthenticated: 16,
} as const;

/** One of the sixteen codes. It alone decides HTTP status, gRPC status and a message's fate. */
export type Code = keyof typeof grpcStatusByCode;

/** All codes, in the order of their gRPC numbers. */
export const codes = Object.keys(grpcStatusByCode) as readonly Code[];

/** Tells whether a value, such as a problem document's `code`, is one of the codes. */
export function isCode(value: unknown): value is Code {
  return typeof value === 'string' && Object.hasOwn(grpcStatusByCode, value);
}

/** The code of a gRPC status from 1 to 16; `unknown` for any other number, as gRPC's own libraries do. */
export function codeFromGrpcStatus(status: number): Code {
  return codes.find((code) => grpcStatusByCode[code] === status) ?? 'unknown';
}
