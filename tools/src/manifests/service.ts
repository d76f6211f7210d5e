import type { Project } from '../workspace.ts';
import type { ConnectionDescription, Description, VariableDescription } from './description.ts';

/** A port that a service listens on. */
export interface Port {
  name: 'rest' | 'grpc' | 'ops';
  /** The variable that says which. */
  variable: string;
  number: number;
}

/** What manifests are rendered from. */
export interface Service {
  name: string;
  /** The image's name without registry and tag, as `docker-build` gives it. */
  image: string;
  /** The version in its `package.json`. */
  version: string;
  ports: Port[];
  fragments: { name: string; variables: VariableDescription[] }[];
  connections: ConnectionDescription[];
  /** Whether its image can apply migrations by itself, as the sub-command `migration`. */
  migrates: boolean;
}

/** The variables that say where a service listens, by the names that its `package.json` gives to the ports. */
const listeners: Record<Port['name'], string> = { rest: 'PORT', grpc: 'GRPC_PORT', ops: 'OPS_PORT' };

/**
 * What is rendered: a service's own description, and the ports in its `package.json`.
 *
 * @throws {Error} when it listens on a port that its `package.json` does not have, or has no ops port.
 */
export function serviceOf(description: Description, project: Project): Service {
  const { manifest, shortName, root } = project;
  const { fragments } = description.settings;
  const declared = new Set(fragments.flatMap(({ variables }) => variables.map(({ name }) => name)));
  const what = `Cannot render the manifests of \`${shortName}\``;
  if (!declared.has(listeners.ops)) {
    throw new Error(
      `${what}: expected \`${listeners.ops}\` among its settings, for the probes; add \`opsSettings\` to its config`,
    );
  }
  const recorded = manifest.nx?.metadata?.ports ?? {};
  const ports = (Object.entries(listeners) as [Port['name'], string][])
    .filter(([, variable]) => declared.has(variable))
    .map(([name, variable]) => {
      const number = recorded[name];
      if (Number.isInteger(number)) return { name, variable, number: number! };
      const got = JSON.stringify(recorded);
      throw new Error(
        `${what}: it listens on \`${variable}\`; expected a port \`${name}\` under \`nx.metadata.ports\` in ${root}/package.json, got ${got}`,
      );
    });
  return {
    name: description.name,
    image: shortName,
    version: manifest.version,
    ports,
    fragments,
    connections: description.connections,
    migrates: description.commands.some(({ name }) => name === 'migration'),
  };
}

export function variablesOf({ fragments }: Service): VariableDescription[] {
  return fragments.flatMap(({ variables }) => variables);
}

/** What holds in production while a variable is not set, if anything does. */
export function productionDefault(service: Service, name: string): string | undefined {
  const variable = variablesOf(service).find((each) => each.name === name);
  if (!variable || variable.requiredInProduction) return undefined;
  return variable.defaultInProduction ?? variable.default;
}

/** Whole seconds, rounded up, of a duration as settings have it, such as `250ms`, `5s`, `2m` or `1h`. */
export function secondsOf(duration: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(duration) ?? [];
  if (unit === undefined) throw new Error(`Expected a duration such as 250ms, 5s, 2m or 1h, got \`${duration}\``);
  return Math.ceil((Number(amount) * { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[unit]!) / 1_000);
}
