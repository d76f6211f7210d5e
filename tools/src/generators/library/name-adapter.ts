import type { Tree } from '@nx/devkit';
import { projectsIn } from '../../tree/projects.ts';
import { Refusal } from '../../tree/refusal.ts';
import { withoutScope, type Project } from '../../workspace.ts';
import { checkPort } from './check-port.ts';

/** Protocols that are a port's own or those of secret stores. */
const taken = ['env', 'kubernetes', 'memory', 'vault'];

/**
 * What an adapter is called: after its port and its vendor. `parcels-acme` says both; `acme` with the port `parcels` is the same.
 *
 * @throws {Refusal} when there is no such port, the port has no suite, or the vendor's name cannot begin a URL.
 */
export function nameAdapter(
  tree: Tree,
  asked: { readonly name: string; readonly port?: string },
  doing: string,
): Record<'name' | 'port' | 'vendor', string> {
  const ports = projectsIn(tree).filter(({ layer }) => layer === 'port');
  const port = portOf(ports, asked);
  if (!port) {
    const names = ports.map(({ shortName }) => `\`${shortName}\``).join(', ') || 'none';
    const expected = asked.port
      ? `there is no port \`${asked.port}\``
      : 'expected its name to begin with that of its port, such as `parcels-acme`, or `--port`';
    throw new Refusal(`${doing}: ${expected}. The ports of this workspace: ${names}.`);
  }
  const { shortName } = port;
  const vendor = asked.name.startsWith(`${shortName}-`) ? asked.name.slice(shortName.length + 1) : asked.name;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(vendor) || taken.includes(vendor)) {
    throw new Refusal(
      `${doing}: expected the name of a vendor that URLs can begin with, such as \`acme\`, got \`${vendor}\`.`,
    );
  }
  checkPort(tree, port, doing);
  return { name: `${shortName}-${vendor}`, port: shortName, vendor };
}

/** The port that was named, or the one with the longest name that the adapter's begins with. */
function portOf(ports: readonly Project[], { name, port }: { name: string; port?: string }): Project | undefined {
  if (port) return ports.find(({ shortName }) => shortName === withoutScope(port));
  return ports
    .filter(({ shortName }) => name.startsWith(`${shortName}-`))
    .sort((a, b) => b.shortName.length - a.shortName.length)[0];
}
