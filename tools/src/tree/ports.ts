import type { Project } from '../workspace.ts';

/** Where the block with the number 0 begins: ten ports for each transport, so that a service may take more than one. */
const firstPorts = { rest: 3000, ops: 9464, grpc: 50051 } as const;
const blockSize = 10;

export type Transport = keyof typeof firstPorts;
export type Ports = Readonly<Partial<Record<Transport, number>>>;

/** The ports of the first block of which no project has any, for the transports that are asked for. */
export function freePorts(projects: readonly Project[], transports: readonly Transport[]): Record<Transport, number> {
  const taken = projects.flatMap(({ manifest }) => Object.values(manifest.nx?.metadata?.ports ?? {}));
  const all = Object.values(firstPorts);
  const isFree = (block: number) =>
    all.every((first) => !taken.some((port) => Math.floor((port - first) / blockSize) === block));
  const block = Array.from({ length: 500 }, (_, index) => index).find(isFree);
  if (block === undefined) throw new RangeError('Expected one of 500 blocks of ports to be free, got none');
  return Object.fromEntries(
    transports.map((transport) => [transport, firstPorts[transport] + block * blockSize]),
  ) as Record<Transport, number>;
}
