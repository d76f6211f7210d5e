import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { temporaryDirectory } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readManifest } from '../src/workspace.ts';
import { scope, workspaceRoot } from './scratch.ts';

interface ComposeService {
  image: string;
  profiles?: string[];
  ports?: string[];
  environment?: Record<string, string>;
  command?: string[];
  healthcheck?: object;
  restart?: string;
  depends_on?: Record<string, { condition: string }>;
}

// No engine is asked: that all of it starts is not seen here.
const { services } = parse(readFileSync(join(workspaceRoot, 'compose.yaml'), 'utf8')) as {
  services: Record<string, ComposeService>;
};
const name = 'example-service';
const application = services[name]!;
const root = `apps/${name}`;
const pairs = Object.entries(application.environment!).filter(([variable]) => variable.endsWith('_CREDENTIALS'));

describe('compose.yaml', () => {
  test.each(Object.entries(services))('has %s of one major, for this machine alone', (each, { image, ports = [] }) => {
    expect(image).toMatch(each === name ? `${name}:latest` : /:\d+(-[a-z]+)?$/);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
  });

  test('has nothing wait for what never comes', () => {
    for (const [waiting, { depends_on: needs = {}, profiles = [] }] of Object.entries(services)) {
      for (const [needed, { condition }] of Object.entries(needs)) {
        const { healthcheck, restart, profiles: own = [] } = services[needed]!;
        const [said, once] = [`${waiting} waits for ${needed}`, condition === 'service_completed_successfully'];
        // `up --wait` takes a container that has ended for a failure, unless somebody waits for its end.
        expect({ said, checked: healthcheck !== undefined, restart }).toEqual({
          said,
          checked: !once,
          restart: undefined,
        });
        if (!once) expect(condition, said).toBe('service_healthy');
        expect(
          own.filter((profile) => !profiles.includes(profile)),
          said,
        ).toEqual([]);
      }
    }
    const seeds = Object.keys(services).filter((each) => each.startsWith('seed-'));
    expect(Object.keys(application.depends_on!)).toEqual(expect.arrayContaining(seeds));
  });

  test('starts the service with settings that hold in production, on the ports of its `package.json`', () => {
    const line = [`--conditions=${scope}/source`, 'src/main.ts', 'check-config'];
    const { status, stderr } = spawnSync(process.execPath, line, {
      cwd: join(workspaceRoot, root),
      env: { NODE_ENV: 'production', ...application.environment },
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { rest, ops } = readManifest(join(workspaceRoot, root, 'package.json')).nx!.metadata!.ports!;
    expect(application.ports).toEqual([rest, ops].map((port) => `127.0.0.1:${port}:${port}`));
  }, 60_000);

  test('gives the service credentials by reference alone, to what its seed writes, also when it is there already', async () => {
    await using directory = await temporaryDirectory();
    expect(pairs.map(([variable]) => variable)).toEqual(['DATABASE_CREDENTIALS', 'BROKER_CREDENTIALS']);
    const { status, stderr, asked } = seed(directory.path);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(asked).toContain('secrets enable -path=kv -version=2 kv');
    for (const [, reference] of pairs) {
      const put = asked.filter((line) => line.startsWith(`kv put ${reference.replace(/^vault:/, '')} `));
      expect(put).toEqual([expect.stringMatching(/ username=\S+ password=\S+$/)]);
    }
    const again = seed(directory.path);
    expect({ status: again.status, asked: again.asked }).toEqual({
      status: 0,
      asked: asked.filter((line) => !line.startsWith('secrets enable')),
    });
  });

  test('has one command that makes the image and starts it with all that it needs', () => {
    const { scripts } = JSON.parse(readFileSync(join(workspaceRoot, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const [build, start] = scripts.compose!.split(' && ');
    expect(build).toBe(`nx docker-build ${name}`);
    expect(start).toBe(`docker compose --profile ${application.profiles!.join()} up --wait`);
  });
});

/** Runs the seed with a `bao` that only notes what it is asked, and has an engine at `kv/` once it was told to enable one. */
function seed(folder: string) {
  const [noted, enabled] = ['asked', 'enabled'].map((file) => join(folder, file)) as [string, string];
  const bao = `#!/bin/sh
echo "$*" >> '${noted}'
case "$1 $2" in
  'secrets list') if [ -e '${enabled}' ]; then echo '{ "kv/": {} }'; else echo '{ "secret/": {} }'; fi ;;
  'secrets enable') touch '${enabled}' ;;
esac
`;
  writeFileSync(join(folder, 'bao'), bao, { mode: 0o755 });
  writeFileSync(noted, '');
  // Compose takes `$$` for `$`.
  const script = services['seed-openbao']!.command![0]!.replaceAll('$$', '$');
  const env = { PATH: [folder, process.env.PATH].join(delimiter) };
  const { status, stderr } = spawnSync('/bin/sh', ['-euc', script], { env, encoding: 'utf8' });
  return { status, stderr, asked: readFileSync(noted, 'utf8').trimEnd().split('\n') };
}
