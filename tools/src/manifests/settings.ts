import type { VariableDescription } from './description.ts';
import { variablesOf, type Service } from './service.ts';
import { vaultEnvironment } from './vault.ts';

/** What docker/Dockerfile sets. */
const ofImage = ['SERVICE_VERSION', 'SERVICE_COMMIT', 'SERVICE_BUILD_TIME'];
/** What the Deployment sets because its other fields depend on it, besides the ports. */
const ofDeployment = ['SHUTDOWN_TIMEOUT', 'HEALTH_TIMEOUT', ...vaultEnvironment().map(({ name }) => name)];

/**
 * The ConfigMap of the base, as a file of settings: set is what production has otherwise than development; everything
 * else stands there as a comment, with what holds without it, and secrets with the key of the Secret that they come from.
 */
export function baseSettings(service: Service): string {
  const elsewhere = new Set([...ofImage, ...ofDeployment, ...service.ports.map(({ variable }) => variable)]);
  const sections = service.fragments
    .map(({ name, variables }) => ({ name, here: variables.filter((each) => !elsewhere.has(each.name)) }))
    .filter(({ here }) => here.length > 0)
    .map(({ name, here }) => [`# --- ${name} ---`, ...here.map((variable) => baseSetting(service, variable))]);
  return paragraphs(...sections.flat());
}

function baseSetting(service: Service, variable: VariableDescription): string {
  const { name, secret, requiredInProduction, description, defaultInProduction, default: usual } = variable;
  const required = requiredInProduction ? ' Required.' : '';
  const meant = { ...variable, description: `${description}${required}` };
  if (secret) return explained(meant, `# The key \`${name}\` of the Secret \`${service.name}\``);
  if (requiredInProduction) return setting(meant);
  return setting(meant, { value: defaultInProduction, other: usual });
}

/** What production does not start without, and no secret. */
export function requiredSettings(service: Service): VariableDescription[] {
  return variablesOf(service).filter(({ requiredInProduction, secret }) => requiredInProduction && !secret);
}

/** A setting with what it means: set to `value`, or else a comment with what could be set. */
export function setting(variable: VariableDescription, choice: { value?: string; other?: string } = {}): string {
  const { value, other = '' } = choice;
  return explained(variable, value === undefined ? `# ${variable.name}=${other}` : `${variable.name}=${value}`);
}

function explained({ description, expected, example }: VariableDescription, line: string): string {
  const such = example === undefined || expected.includes('such as') ? '' : `, such as ${example}`;
  return [`# ${description.replaceAll(/\s+/g, ' ')}`, `# Value: ${expected}${such}`, line].join('\n');
}

/** A text of paragraphs. */
export function paragraphs(...texts: string[]): string {
  return `${texts.join('\n\n')}\n`;
}
