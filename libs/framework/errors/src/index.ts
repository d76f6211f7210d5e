export { codeFromGrpcStatus, codes, grpcStatusByCode, isCode, type Code } from './codes.ts';
export { codeFromHttpStatus, httpStatusByCode } from './http-status.ts';
export { messageFateByCode, type MessageFate } from './message-fate.ts';
export { pointerTo } from './pointer-to.ts';
export {
  ServiceError,
  toServiceError,
  type ErrorDetails,
  type ServiceErrorOptions,
  type Violation,
} from './service-error.ts';
