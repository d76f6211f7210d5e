export type { Command, CommandContext } from './command.ts';
export type { OpsAccess, OpsHandler, OpsRequest, OpsResponse } from './ops.ts';
export type { Resource, ResourceKind } from './resource.ts';
export type { Runtime, ServiceIdentity } from './runtime.ts';
