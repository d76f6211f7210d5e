import type { Tree } from '@nx/devkit';
import { freePorts, type Transport } from '../../tree/ports.ts';
import { projectsIn, readJson, writeJson } from '../../tree/projects.ts';
import type { Manifest, Project } from '../../workspace.ts';

type Ports = Record<string, number>;

/** All transports, or the types fail: ports by other names are the team's own, and in no block. */
const transports: Record<Transport, true> = { rest: true, ops: true, grpc: true };

/**
 * Gives each project ports that no other has, as when two branches that each made a service were merged: the first of them by
 * name keeps its block, since nothing in a checkout says reliably which was made first, and all machines must come to the same
 * result. Says which had to move.
 */
export function mendPorts(tree: Tree): string[] {
  const faults: string[] = [];
  const owners = new Map<number, string>();
  for (const project of projectsIn(tree)) {
    const { root, shortName } = project;
    const ports = blockOf(project);
    const taken = Object.values(ports).find((port) => owners.has(port));
    const kept = taken === undefined ? ports : freePorts(projectsIn(tree), Object.keys(ports) as Transport[]);
    for (const port of Object.values(kept)) owners.set(port, shortName);
    if (taken === undefined) continue;
    writePorts(tree, root, kept);
    faults.push(
      `${shortName}: ${root}/package.json has the port ${taken}, which ${owners.get(taken)} has too; ` +
        `its block becomes ${list(kept)} (was ${list(ports)}), which its README and what others call it by must say as well`,
    );
  }
  return faults;
}

function blockOf({ manifest }: Project): Ports {
  const entries = Object.entries(manifest.nx?.metadata?.ports ?? {}).filter(([name]) => name in transports);
  return Object.fromEntries(entries);
}

function writePorts(tree: Tree, root: string, ports: Ports): void {
  const file = `${root}/package.json`;
  const manifest = readJson<Manifest>(tree, file);
  const metadata = manifest.nx?.metadata;
  writeJson(tree, file, {
    ...manifest,
    nx: { ...manifest.nx, metadata: { ...metadata, ports: { ...metadata?.ports, ...ports } } },
  });
}

function list(ports: Ports): string {
  return Object.values(ports).join(', ');
}
