export { asyncApiDocument, renderAsyncApi, type AsyncApiDocument } from './asyncapi.ts';
export { defineContract, type Contract } from './contract.ts';
export type { ServerSentEvent, StreamContent, StreamRule, Upload, UploadContent, UploadRule } from './content.ts';
export type { MessagePromises } from './contract-messages.ts';
export { defineCommand, defineEvent, defineQuery } from './define-message.ts';
export { defineOperation } from './define-operation.ts';
export type { Deprecation } from './deprecation.ts';
export { splitMessageType, type MessageKind, type MessageType } from './message-type.ts';
export type {
  CommandDefinition,
  CommandMessage,
  DataExample,
  EventDefinition,
  EventMessage,
  Message,
  QueryDefinition,
  QueryExample,
  QueryMessage,
  Upcast,
} from './message.ts';
export { openApiDocument, renderOpenApi, type OpenApiDocument } from './openapi.ts';
export type {
  Method,
  Operation,
  OperationDefinition,
  OperationExample,
  OperationTypes,
  PlainParams,
  Received,
  Sent,
  Success,
} from './operation.ts';
export { cursorPage, pageQuery } from './page.ts';
export { pathParameters, type PathParameter } from './path.ts';
export { problemSchema, type Problem } from './problem.ts';
export { queryBoolean, queryInteger, queryList } from './query.ts';
export { securityOf, type OAuthFlows, type SecurityRequirement, type SecurityScheme } from './security.ts';
