import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A variable of a service's environment, as its `describe` prints it. */
export interface VariableDescription {
  name: string;
  expected: string;
  description: string;
  /** What holds in development while it is not set. */
  default?: string;
  /** The same in production, where it differs. */
  defaultInProduction?: string;
  requiredInProduction: boolean;
  secret: boolean;
  example?: string;
}

/** What a service connects to where the URL in `variable` says so. */
export interface ConnectionDescription {
  kind: string;
  variable: string;
  /** The port of each protocol where a URL names none. */
  ports: Record<string, number>;
}

/** What a service promises, as far as the tools ask. */
export interface ContractDescription {
  version: string;
  operations: { id: string }[];
  publishes: { type: string }[];
  consumes: { type: string }[];
  handles: { type: string }[];
  answers: { type: string }[];
}

/** The part of a service's own description that its manifests and its readiness card are made from. */
export interface Description {
  name: string;
  contract: ContractDescription;
  settings: { fragments: { name: string; variables: VariableDescription[] }[] };
  connections: ConnectionDescription[];
  commands: { name: string }[];
}

/**
 * Asks a built service what it is: runs `node dist/main.js describe` in its folder.
 *
 * @throws {Error} when there is no bundle, it fails, or it prints something else than a description.
 */
export function readDescription(folder: string, project: { shortName: string; root: string }): Description {
  const bundle = 'dist/main.js';
  const what = `Cannot ask \`${project.shortName}\` what it is`;
  if (!existsSync(join(folder, bundle))) {
    const missing = join(project.root, bundle);
    throw new Error(
      `${what}: expected its bundle at ${missing}, found none; run \`npx nx build ${project.shortName}\``,
    );
  }
  const options = { cwd: folder, encoding: 'utf8', timeout: 30_000, maxBuffer: 64 * 1024 * 1024 } as const;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [bundle, 'describe'], options);
  const command = `\`node ${bundle} describe\` in ${project.root}`;
  if (status !== 0) {
    throw new Error(`${what}: expected ${command} to end with 0, got ${status ?? signal}:\n${stderr.trim()}`);
  }
  const description = parse(stdout);
  if (description) return description;
  const got = JSON.stringify(stdout.slice(0, 80));
  throw new Error(`${what}: expected ${command} to print its description as JSON, got ${got}`);
}

function parse(text: string): Description | undefined {
  try {
    const { name, contract, settings, connections, commands } = JSON.parse(text) as Partial<Description>;
    if (!name || !contract || !settings || !connections || !commands) return undefined;
    return { name, contract, settings, connections, commands };
  } catch {
    return undefined;
  }
}
