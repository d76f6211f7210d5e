import assert from 'node:assert/strict';
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { deserialize, serialize, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { waitFor } from '@org/testing';
import { pino } from 'pino';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { Secret, createRotatingSecret } from './secret.ts';

const value = 'hunter2';

function collect(): { stream: Writable; text(): string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  return { stream, text: () => chunks.join('') };
}

function printed(print: (console: Console) => void): string {
  const { stream, text } = collect();
  print(new Console({ stdout: stream, stderr: stream }));
  return text();
}

function logged(log: (logger: ReturnType<typeof pino>) => void): string {
  const { stream, text } = collect();
  log(pino(stream));
  return text();
}

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('Expected it to throw');
}

describe('what is printed of a secret', () => {
  const shows: [string, (secret: Secret<string>) => unknown][] = [
    ['a template string', (secret) => `${secret.toString()} ${secret as unknown as string}`],
    ['String.raw', (secret) => String.raw`${secret}`],
    ['concatenation', (secret) => '' + (secret as unknown as string)],
    ['join', (secret) => [secret].join()],
    ['JSON', (secret) => JSON.stringify({ password: secret, all: [secret] })],
    ['util.inspect', (secret) => inspect({ password: secret, map: new Map([['a', secret]]) }, { depth: 9 })],
    ['util.inspect with showHidden', (secret) => inspect([secret], { showHidden: true, getters: true })],
    ['util.format', (secret) => format('%s %o %O %j', secret, secret, secret, secret)],
    ['console.log', (secret) => printed((console) => console.log(secret, { secret }))],
    ["an error's message", (secret) => inspect(new Error(`no ${secret as unknown as string}`))],
    ["an error's cause", (secret) => inspect(new Error('no', { cause: { secret } }))],
    ["an error's properties", (secret) => inspect(Object.assign(new Error('no'), { secret }))],
    ['query parameters', (secret) => new URLSearchParams({ secret: secret as unknown as string }).toString()],
    ['a buffer', (secret) => Buffer.from(secret as unknown as string).toString()],
    ['pino, as a field', (secret) => logged((logger) => logger.info({ password: secret, deep: { secret } }, 'm'))],
    ['pino, as an argument', (secret) => logged((logger) => logger.info('%s %o %j', secret, secret, secret))],
    ['pino, in an error', (secret) => logged((logger) => logger.error(Object.assign(new Error('m'), { secret })))],
  ];

  test.each(shows)('is [secret] in %s', (_, show) => {
    const text = String(show(new Secret(value)));
    expect(text).not.toContain(value);
    expect(decodeURIComponent(text)).toContain('[secret]');
  });

  const hides: [string, (secret: Secret<string>) => unknown][] = [
    ['util.inspect without customInspect', (secret) => inspect(secret, { customInspect: false, showHidden: true })],
    ['console.table', (secret) => printed((console) => console.table([{ secret }, secret]))],
    ['console.dir', (secret) => printed((console) => console.dir(secret, { customInspect: false }))],
    ['keys', (secret) => JSON.stringify([Reflect.ownKeys(secret), Object.entries(secret), { ...secret }])],
    ['a structured clone', (secret) => JSON.stringify(structuredClone({ secret }))],
    ['v8.serialize', (secret) => inspect([serialize(secret).toString('latin1'), deserialize(serialize(secret))])],
    ['the difference that assert prints', (secret) => inspect(thrownBy(() => assert.deepEqual(secret, { a: 1 })))],
    ['the difference that expect prints', (secret) => inspect(thrownBy(() => expect(secret).toEqual({ a: 1 })))],
    ['pino, as the object', (secret) => logged((logger) => logger.info(secret, 'm'))],
    ['an assignment', (secret) => inspect(Object.assign({}, secret))],
  ];

  test.each(hides)('holds nothing of it in %s', (_, show) => {
    expect(String(show(new Secret(value)))).not.toContain(value);
  });

  test('is no number and equals no text', () => {
    const secret = new Secret('7') as unknown;
    expect(Number(secret)).toBeNaN();
    expect(secret == '7').toBe(false);
  });

  test('is what its maker chose to show', () => {
    expect(String(new Secret(value, { shown: 'token of orders' }))).toBe('token of orders');
    const { secret, rotate } = createRotatingSecret('abc', { shown: (text) => `${text.length} characters` });
    rotate('abcd');
    expect(JSON.stringify(secret)).toBe('"4 characters"');
  });

  test('is not inherited by what is made of it', () => {
    const secret = new Secret(value, { shown: 'token' });
    expect(String(secret.map((text) => text.length))).toBe('[secret]');
    expect(String(secret.map((text) => text.length, { shown: String }))).toBe('7');
  });
});

describe('a secret that rotates', () => {
  test('reveals the value now in force and tells its listeners', () => {
    const { secret, rotate } = createRotatingSecret('one');
    const listener = vi.fn();
    const unsubscribe = secret.onChange(listener);
    rotate('two');
    rotate('two');
    expect(secret.reveal()).toBe('two');
    expect(listener.mock.calls).toEqual([['two']]);
    unsubscribe();
    unsubscribe();
    rotate('three');
    expect(secret.reveal()).toBe('three');
    expect(listener).toHaveBeenCalledOnce();
  });

  test('never changes when its source is static', () => {
    const secret = new Secret('one');
    const listener = vi.fn();
    secret.onChange(listener)();
    expect(secret.reveal()).toBe('one');
    expect(listener).not.toHaveBeenCalled();
  });

  test('tells the other listeners although one throws, then whoever rotates', () => {
    const { secret, rotate } = createRotatingSecret('one');
    const failure = new Error('listener failed');
    const fail = () => {
      throw failure;
    };
    const [onError, listener] = [vi.fn(), vi.fn()];
    secret.onChange(fail);
    secret.onChange(fail, onError);
    secret.onChange(listener);
    const thrown = thrownBy(() => rotate('two')) as AggregateError;
    expect(thrown.errors).toEqual([failure]);
    expect(onError).toHaveBeenCalledExactlyOnceWith(failure);
    expect(listener).toHaveBeenCalledExactlyOnceWith('two');
  });

  test('is followed by what is made of it', () => {
    const { secret, rotate } = createRotatingSecret({ username: 'a', password: 'one' });
    const length = secret.map(({ password }) => password.length).map((count) => count * 10);
    const listener = vi.fn();
    length.onChange(listener);
    expect(length.reveal()).toBe(30);
    rotate({ username: 'a', password: 'three' });
    expect(length.reveal()).toBe(50);
    expect(listener.mock.calls).toEqual([[50]]);
    rotate({ username: 'b', password: 'seven' });
    expect(listener).toHaveBeenCalledOnce();
  });

  test('tells a listener of a conversion even when the value was revealed before its turn', () => {
    const { secret, rotate } = createRotatingSecret('1');
    const number = secret.map(Number);
    secret.onChange(() => number.reveal());
    const listener = vi.fn();
    number.onChange(listener);
    rotate('2');
    expect(listener.mock.calls).toEqual([[2]]);
  });

  test('keeps the last good value of a conversion that refuses the new one, and says so', () => {
    const { secret, rotate } = createRotatingSecret('1');
    const refused = new Error('no number');
    const number = secret.map((text) => {
      if (!/^\d+$/.test(text)) throw refused;
      return Number(text);
    });
    const [listener, onError, silent] = [vi.fn(), vi.fn(), vi.fn()];
    number.onChange(listener, onError);
    number.onChange(silent);
    number.map(String).onChange(silent, onError);
    rotate('x');
    expect(number.reveal()).toBe(1);
    expect(onError.mock.calls).toEqual([[refused], [refused]]);
    expect(listener).not.toHaveBeenCalled();
    expect(silent).not.toHaveBeenCalled();
    rotate('2');
    expect(number.reveal()).toBe(2);
    expect(listener.mock.calls).toEqual([[2]]);
    expect(onError).toHaveBeenCalledTimes(2);
  });

  test('throws what a conversion throws at the first value', () => {
    const failure = new Error('no');
    const fail = () => {
      throw failure;
    };
    expect(() => new Secret('one').map(fail)).toThrow(failure);
  });

  test('does not keep what was made of it alive', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const { secret } = createRotatingSecret('one');
    const made = new WeakRef(secret.map(String));
    const collected = () => {
      collectGarbage();
      return made.deref() === undefined;
    };
    await waitFor(collected, { what: 'the garbage collector' });
    expect(secret.reveal()).toBe('one');
  });
});

test('the type of a secret is that of its value', () => {
  const secret = new Secret('one');
  expectTypeOf(secret.reveal()).toEqualTypeOf<string>();
  expectTypeOf(secret.map((text) => text.length)).toEqualTypeOf<Secret<number>>();
  expectTypeOf<Secret<string>>().toExtend<Secret<string | undefined>>();
  expectTypeOf<Secret<string>>().not.toExtend<Secret<number>>();
  expectTypeOf<string>().not.toExtend<Secret<string>>();
});
