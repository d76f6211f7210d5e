import { scope, type Scratch } from './scratch.ts';

/** What a service has beside its own contract: the services that it calls or hears of, and the libraries that it ships. */
export interface SmallService {
  calls?: readonly string[];
  /** Its contract names their events by their types, and its handlers import them. */
  consumes?: readonly string[];
  ships?: readonly string[];
}

/** Writes services of a few lines each, with a contract library for each: what the graph needs to see of them. */
export function writeServices(scratch: Pick<Scratch, 'write'>, services: Readonly<Record<string, SmallService>>): void {
  for (const [name, { calls = [], consumes = [], ships = [] }] of Object.entries(services)) {
    writeContract(scratch, name, consumes);
    const imports = [name, ...calls].map((each) => `${scope}/${each}-contract`);
    const libraries = ships.map((each) => `${scope}/${each}`);
    scratch.write(`apps/${name}/package.json`, {
      ...manifest(name, 'app'),
      dependencies: Object.fromEntries(
        [...imports, ...consumes.map((each) => `${scope}/${each}-contract`), ...libraries].map((each) => [each, '*']),
      ),
    });
    for (const each of consumes) {
      const handler = `export { happened as onHappened } from '${scope}/${each}-contract';\n`;
      scratch.write(`apps/${name}/src/consumers/${each}.ts`, handler);
    }
    scratch.write(`apps/${name}/tsconfig.json`, { extends: '../../tsconfig.base.json' });
    scratch.write(
      `apps/${name}/src/main.ts`,
      [
        ...libraries.map((each) => `import '${each}';`),
        ...imports.map((each, index) => `import { title as title${index} } from '${each}';`),
        `export const titles = [${imports.map((_, index) => `title${index}`).join(', ')}];\n`,
      ].join('\n'),
    );
  }
}

function writeContract(scratch: Pick<Scratch, 'write'>, name: string, consumes: readonly string[]): void {
  const root = `libs/contracts/${name}`;
  scratch.write(`${root}/package.json`, {
    ...manifest(`${name}-contract`, 'contract'),
    exports: { '.': { [`${scope}/source`]: './src/index.ts' } },
  });
  scratch.write(`${root}/README.md`, `# ${name}\n`);
  scratch.write(`${root}/tsconfig.json`, { extends: '../../../tsconfig.base.json' });
  scratch.write(`${root}/tsconfig.build.json`, { extends: '../../../tsconfig.build.json' });
  scratch.write(`${root}/src/openapi.json`, { openapi: '3.1.1', info: { title: name } });
  scratch.write(`${root}/src/events.ts`, `export const happened: string = '${typeOf(name)}';\n`);
  scratch.write(
    `${root}/src/index.ts`,
    [
      `export { happened } from './events.ts';`,
      `export const title: string = '${name}';`,
      `export const consumes: readonly string[] = ${JSON.stringify(consumes.map(typeOf))};\n`,
    ].join('\n'),
  );
}

/** The event that a service publishes. */
function typeOf(service: string): string {
  return `${service}.thing.happened.v1`;
}

function manifest(name: string, layer: string): object {
  return {
    name: `${scope}/${name}`,
    version: '0.0.1',
    private: true,
    type: 'module',
    nx: { tags: [`layer:${layer}`] },
  };
}
