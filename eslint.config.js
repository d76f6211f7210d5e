import { defineConfig } from 'eslint/config';
import nx from '@nx/eslint-plugin';
import * as jsonc from 'jsonc-eslint-parser';
import tseslint from 'typescript-eslint';
import { boundaryRows, doorsRule } from './tools/src/lint/doors.ts';
import { onlyEndpoints } from './tools/src/lint/only-endpoints.ts';
import { roomsRule } from './tools/src/lint/rooms.ts';
import { readProjects } from './tools/src/workspace.ts';

// The map of the workspace: who may import whom, and where each client lives.

/** What a project may import, by its own tag or else by its layer. */
const doors = {
  ...eachThoseBefore('errors', 'context', 'config', 'logging', 'metrics', 'telemetry', 'health', 'runtime'),
  'lib:payload': ['lib:errors', 'lib:context'],
  'lib:contract': ['lib:errors', 'lib:payload'],
  'lib:resilience': ['lib:errors', 'lib:context', 'lib:metrics'],
  // A base library that stands nowhere above imports nothing.
  'layer:base': [],
  'layer:kernel': ['layer:base'],
  'layer:port': ['layer:base'],
  'lib:documents': ['layer:base', 'lib:database'],
  'lib:session': ['layer:base', 'lib:database'],
  'layer:adapter': ['layer:base', 'layer:port'],
  'layer:contract': ['lib:contract', 'lib:payload'],
  'layer:shared': ['layer:base', 'layer:contract', 'layer:shared'],
  'layer:app': ['layer:base', 'layer:kernel', 'layer:port', 'layer:adapter', 'layer:contract', 'layer:shared'],
  'layer:tool': [],
  'layer:testing': [],
};

/** The one library in which each client may be imported. */
const rooms = {
  '@opentelemetry/exporter-prometheus': 'metrics',
  '@opentelemetry/sdk-metrics': 'metrics',
  '@opentelemetry/*': 'telemetry',
  '@grpc/grpc-js': 'testing',
  protobufjs: 'testing',
  express: 'api-rest',
  'find-my-way': 'api-rest',
  'secure-json-parse': 'api-rest',
  'swagger-ui-dist': 'api-swagger',
  'zod-openapi': 'contract',
  cockatiel: 'resilience',
  pg: 'database',
  '@electric-sql/pglite': 'database',
  'drizzle-kit': 'database',
  'libpg-query': 'database',
  mongodb: 'documents-mongodb',
  'rabbitmq-client': 'messaging-rabbitmq',
  '@nats-io/*': 'messaging-nats',
  'node-vault': 'secrets-vault',
  jose: 'session',
  'openid-client': 'session',
  '@aws-sdk/*': 'cloud-aws',
  '@azure/*': 'cloud-azure',
  '@google-cloud/*': 'cloud-gcp',
  '@connectrpc/*': 'api-grpc',
};

/** Packages that are spoken wherever they are needed. */
const languages = ['zod', '@opentelemetry/api', 'drizzle-orm', '@bufbuild/protobuf'];
/** Packages of which only the types are. */
const spokenTypes = ['express'];

const projects = readProjects(import.meta.dirname);
const workspace = {
  rules: {
    doors: doorsRule(doors, projects),
    rooms: roomsRule({ rooms, languages, spokenTypes }, projects),
    'only-endpoints': onlyEndpoints,
  },
};

/** The npm packages of which a library declares only files: no import shows that it needs them. */
const npmAssets = projects
  .flatMap(({ manifest }) => manifest.nx?.metadata?.assets ?? [])
  .flatMap((asset) => /^npm:((?:@[^/]+\/)?[^/]+)/.exec(asset)?.[1] ?? []);

const sources = projects.map(({ root }) => `${root}/**/*.ts`);
const tests = ['**/*.test.ts', '**/{test,test-fixtures}/**/*.ts'];
/** What starts what is tested or measured: suites, what libraries offer to tests, and what drives a benchmark. */
const forTests = [
  'libs/*/*/src/{testing,conformance}/**/*.ts',
  'libs/*/*/src/{testing,conformance}.ts',
  'bench/measure/**/*.ts',
];

const unwanted = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  {
    selector: 'ImportDeclaration[source.value="zod"] > :matches(ImportSpecifier, ImportDefaultSpecifier)',
    message: "Import zod as a namespace: `import * as z from 'zod'`.",
  },
];
const unwantedInSources = [
  ...['Program >', 'Program > ExportNamedDeclaration >'].map((place) => ({
    selector: `${place} VariableDeclaration[kind="let"]`,
    message: 'A module holds no state that changes.',
  })),
  {
    selector: 'ImportExpression[source.type!="Literal"]',
    message: 'Name the module in quotes, so that the bundler and the rules about doors see it.',
  },
];

const boundaries = (options) => [
  'error',
  {
    depConstraints: boundaryRows(doors, projects, options),
    // A library may be imported lazily in one place and at once in another.
    checkDynamicDependenciesExceptions: ['.*'],
  },
];

export default defineConfig(
  { ignores: ['**/dist/**', '**/files/**', '.nx/**', '.reports/**', '**/.data/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: sources,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx, workspace },
    rules: {
      '@nx/enforce-module-boundaries': boundaries({ tests: false }),
      'workspace/doors': 'error',
      'workspace/rooms': 'error',
      'max-lines': ['error', 250],
      'no-restricted-syntax': ['error', ...unwanted, ...unwantedInSources],
      // Also forbids `import('x')` as a type, which the rules about doors do not see.
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // A function that is async by its type need not wait for anything.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: [...tests, ...forTests],
    rules: {
      '@nx/enforce-module-boundaries': boundaries({ tests: true }),
      'workspace/doors': ['error', { tests: true }],
    },
  },
  {
    // Tests take other people's implementations as oracles, and look into values whose types nobody states.
    files: tests,
    rules: {
      'workspace/rooms': 'off',
      'max-lines': 'off',
      'no-restricted-syntax': ['error', ...unwanted],
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['{tools,bench}/**/*.ts'],
    rules: { 'workspace/rooms': 'off', 'no-restricted-syntax': ['error', ...unwanted] },
  },
  {
    // Text that a generator writes, as long as it is.
    files: ['apps/*/migrations/*.ts'],
    rules: { 'max-lines': 'off' },
  },
  {
    files: ['apps/*/src/routes/*.ts'],
    ignores: tests,
    rules: { 'workspace/only-endpoints': ['error', { made: 'implement', named: 'Routes$' }] },
  },
  {
    files: ['apps/*/src/consumers/*.ts'],
    ignores: tests,
    rules: { 'workspace/only-endpoints': ['error', { made: 'handle', named: '^on' }] },
  },
  {
    files: ['apps/*/src/queries/*.ts'],
    ignores: tests,
    rules: { 'workspace/only-endpoints': ['error', { made: 'answer', named: '^answer' }] },
  },
  {
    files: ['{apps,libs}/**/package.json'],
    languageOptions: { parser: jsonc },
    plugins: { '@nx': nx },
    rules: {
      '@nx/dependency-checks': [
        'error',
        {
          buildTargets: ['build'],
          ignoredFiles: ['{projectRoot}/**/*.test.ts', '{projectRoot}/{test,test-fixtures}/**'],
          ignoredDependencies: [...npmAssets, ...spokenTypes.map((name) => `@types/${name}`)],
        },
      ],
    },
  },
);

/** The ordered part of the base: each may import those before it. */
function eachThoseBefore(...names) {
  return Object.fromEntries(
    names.map((name, index) => [`lib:${name}`, names.slice(0, index).map((each) => `lib:${each}`)]),
  );
}
