import { equal } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import {
  credentials,
  defineSettings,
  readSettings,
  secret,
  variable,
  type Credentials,
  type Fault,
  type Secret,
} from '@org/config';
import { ServiceError } from '@org/errors';
import { collectLogger, createManualClock, waitFor, type CollectingLogger, type ManualClock } from '@org/testing';
import type { ConformanceOptions } from './conformance.ts';
import type { Secrets } from '../open-secrets.ts';
import type { SecretsPlace } from './place.ts';

/** A secret by the name of its place, and the key of one of its values. */
export type Wanted = readonly [name: string, key?: string];

/** Secrets by the variables that are to take them. */
export type Variables = Readonly<Record<string, Wanted>>;

export interface StartOptions {
  /** Ends the start. Default: after a minute. */
  readonly signal?: AbortSignal;
}

/** What a case has: a place, a clock that it moves on, and a service that reads its settings. */
export interface World {
  readonly place: SecretsPlace;
  readonly clock: ManualClock;
  readonly logger: CollectingLogger;
  /** A value that nothing but a secret may hold: whatever is printed of the case is searched for it. */
  readonly value: (hint: string) => string;
  /** Reads variables in both stages, as a service does at its start: with a key a text, without one a pair. */
  readonly start: (wanted: Variables, options?: StartOptions) => Promise<Started>;
  /** The error of a start that fails. */
  readonly failedStart: (wanted: Variables, options?: StartOptions) => Promise<ServiceError>;
  /** Moves the clock on at each look, by so many milliseconds. Default: a second. */
  readonly waitFor: <Result>(
    condition: () => Result | Promise<Result>,
    what: string,
    options?: { readonly stepMs?: number },
  ) => Promise<NonNullable<Result>>;
  /** The errors that were logged. */
  readonly errors: () => string[];
}

export interface Started {
  readonly text: (variable: string) => Secret<string>;
  readonly pair: (variable: string) => Secret<Credentials>;
  readonly refused: readonly Fault[];
  /** What resolved the references, where changes are followed. */
  readonly source: Secrets;
}

const service = { name: 'conformance', version: '1.0.0', commit: undefined };

/** Runs a case in a world of its own, looks for values in what was printed, and closes what it opened, whatever happens. */
export async function withWorld(options: ConformanceOptions, prove: (world: World) => Promise<void>): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const clock = createManualClock({ random: 0.5 });
  const place = opened.use(await options.place({ clock }));
  const logger = collectLogger();
  const token = `hunter2-${randomBytes(6).toString('hex')}`;
  const printed: unknown[] = [];

  const start: World['start'] = async (wanted, { signal = AbortSignal.timeout(60_000) } = {}) => {
    const assigned = Object.entries(wanted).flatMap(([name, given]) => Object.entries(place.assign(name, ...given)));
    const environment: Readonly<Record<string, string>> = Object.fromEntries(assigned);
    const source = opened.use((await place.open?.(environment, { logger, service, clock })) ?? none);
    const description = 'A secret of the suite.';
    const config = {
      suite: defineSettings<Record<string, unknown>>(
        Object.fromEntries(
          Object.entries(wanted).map(([name, [, key]]) => [
            name,
            variable<unknown>(name, key === undefined ? credentials() : secret(), { description }),
          ]),
        ),
      ),
    };
    const schemes = ['env', 'vault', 'kubernetes', 'memory', ...schemesIn(environment)];
    const read = readSettings(config, { environment, service: service.name, schemes: [...new Set(schemes)] });
    const refused: Fault[] = [];
    const sources = Object.fromEntries(schemes.map((scheme) => [scheme, source]));
    const { suite } = await read.resolve(sources, { signal, onRefused: (fault) => void refused.push(fault) });
    printed.push(suite, refused, source, read.report());
    return {
      text: (name) => suite[name] as Secret<string>,
      pair: (name) => suite[name] as Secret<Credentials>,
      refused,
      source: source as Secrets,
    };
  };

  const world: World = {
    place,
    clock,
    logger,
    value: (hint) => `${token}-${hint}`,
    start,
    async failedStart(wanted, given) {
      const error: unknown = await start(wanted, given).then(
        () => new Error('Expected the start to fail, and it did not'),
        (thrown: unknown) => thrown,
      );
      printed.push(error);
      if (error instanceof ServiceError) return error;
      throw error;
    },
    waitFor: (condition, what, { stepMs = 1_000 } = {}) =>
      waitFor(
        async () => {
          await clock.advance(stepMs);
          return condition();
        },
        { what, timeoutMs: options.timeoutMs ?? 10_000, intervalMs: 5 },
      ),
    errors: () => logger.lines.filter(({ level }) => level === 'error').map(({ message }) => message),
  };
  await prove(world);
  printed.push(logger.lines);
  const text = inspect(printed, { depth: 12, showHidden: true, maxStringLength: Infinity, maxArrayLength: Infinity });
  equal(text.includes(token), false, 'Expected nothing that is printed to hold a value');
}

/** Where nothing is to be resolved. */
const none = {
  read: () => Promise.reject(new Error('Expected the place to open something for its references')),
  [Symbol.asyncDispose]: async () => {},
};

function schemesIn(environment: Readonly<Record<string, string>>): string[] {
  return Object.values(environment).flatMap((value) => /^([a-z][a-z0-9+.-]*):/.exec(value)?.[1] ?? []);
}
