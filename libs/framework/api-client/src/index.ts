export { clientHealth } from './client-health.ts';
export type { Answer, CallInput, CallOptions, Client, ClientOperation } from './client.ts';
export { createClient, type ClientOptions } from './create-client.ts';
export type { Credentials } from './credentials.ts';
export { clientSettings, type ClientSettings, type ClientSettingsOptions } from './settings.ts';
