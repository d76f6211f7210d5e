export { assetPath } from './asset-path.ts';
export { describeSettings, type SettingsDescription, type VariableDescription } from './describe-settings.ts';
export { environmentStore } from './environment-store.ts';
export { isProduction, loadEnvironment, type Environment } from './environment.ts';
export { CONFIGURATION_INVALID, SECRETS_UNAVAILABLE, type Fault } from './fault.ts';
export {
  defineSettings,
  type Connection,
  type Fragment,
  type FragmentOptions,
  type Fragments,
  type Settings,
} from './fragment.ts';
export { readSettings, type ReadOptions, type ReadSettings, type ReportRow } from './read-settings.ts';
export { parseReference, type SecretReference } from './reference.ts';
export { renderEnvExample } from './render-env-example.ts';
export { renderReference } from './render-reference.ts';
export type { ResolveOptions } from './resolve.ts';
export { boolean, integer, list, oneOf, port, text, type IntegerOptions } from './scalars.ts';
export type { Schema, SchemaMeta, SecretShown } from './schema.ts';
export { Secret, createRotatingSecret, type RotatingSecret, type SecretOptions } from './secret.ts';
export { credentials, secret, type Credentials } from './secrets.ts';
export type { SecretSource, SecretStore, SecretValue } from './store.ts';
export { duration, size, type UnitLimits } from './units.ts';
export { connectionUrl, redactUrl, url, type UrlOptions } from './urls.ts';
export { variable, type SettingsContext, type Variable, type VariableOptions } from './variable.ts';
