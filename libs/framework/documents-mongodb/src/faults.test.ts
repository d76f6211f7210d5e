import { createCall, runInCall } from '@org/context';
import { createRotatingSecret } from '@org/config';
import { defineCollection } from '@org/documents';
import { toServiceError } from '@org/errors';
import { collectLogger, freePort, waitFor } from '@org/testing';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { startMongoDouble, type MongoDouble } from '../test-fixtures/mongo-double.ts';
import { open } from '../test-fixtures/open.ts';

const things = defineCollection({
  name: 'things',
  schema: z.object({ n: z.number().default(0), email: z.string().optional() }),
  indexes: [{ keys: { email: 1 }, unique: true }, { keys: { n: -1 } }],
});

let double: MongoDouble;
beforeEach(async () => {
  double = await startMongoDouble();
});
afterEach(() => double[Symbol.asyncDispose]());

const opened = async (environment: Record<string, string> = {}) => {
  const documents = await open(double.url, { collections: [things], environment });
  return {
    documents,
    collection: documents.collection(things),
    [Symbol.asyncDispose]: () => documents[Symbol.asyncDispose](),
  };
};
const failed = async (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('Expected it to fail'),
    (error: unknown) => toServiceError(error),
  );

test('where nothing answers, it is unavailable when the time is over, and the password is nowhere', async () => {
  const url = `mongodb://shop:hunter2@127.0.0.1:${await freePort()}/shop`;
  const error = await failed(open(url, { environment: { DOCUMENTS_CONNECT_TIMEOUT: '300ms' } }));
  expect(error).toMatchObject({ code: 'unavailable', reason: 'DOCUMENTS_UNAVAILABLE', details: { applied: 'no' } });
  expect(error.message).toMatch(
    /^Cannot open the documents at mongodb:\/\/127\.0\.0\.1:\d+\/shop: .*Set|or set DOCUMENTS_URL$/,
  );
  expect(JSON.stringify([error, String(error.cause), error.stack])).not.toContain('hunter2');
});

test('a URL with an option that is none is told so, without its password', async () => {
  for (const url of [
    'mongodb://shop:hunter2@localhost/shop?tls=maybe',
    'mongodb://shop:hunter2@localhost/shop?what=1',
  ]) {
    const error = await failed(open(url));
    expect(error).toMatchObject({ code: 'invalid_argument', reason: 'DOCUMENTS_URL_INVALID' });
    expect(JSON.stringify([error, error.message, error.cause ?? ''])).not.toContain('hunter2');
  }
});

test('a server that is too old, one that refuses the user, and one without TLS are told apart', async () => {
  await using old = await startMongoDouble({ wireVersion: 5 });
  const environment = { DOCUMENTS_CONNECT_TIMEOUT: '500ms' };
  expect(await failed(open(old.url, { environment }))).toMatchObject({
    code: 'failed_precondition',
    reason: 'DOCUMENTS_VERSION_UNSUPPORTED',
  });
  double.fail('ping', { code: 18, codeName: 'AuthenticationFailed' });
  expect(await failed(open(double.url))).toMatchObject({ code: 'unauthenticated', reason: 'DOCUMENTS_LOGIN_REFUSED' });
  double.fail('ping', { code: 13, codeName: 'Unauthorized' });
  expect(await failed(open(double.url))).toMatchObject({
    code: 'permission_denied',
    reason: 'DOCUMENTS_PERMISSION_DENIED',
  });
});

test('indexes are made when it is opened, and a unique one leaves out what has no key', async () => {
  await using _ = await opened();
  expect(double.commands).toMatchObject([
    {
      createIndexes: 'things',
      indexes: [
        {
          key: { email: 1 },
          name: 'things_email',
          unique: true,
          partialFilterExpression: { email: { $type: 'string' } },
        },
        { key: { n: -1 }, name: 'things_n_desc' },
      ],
    },
  ]);
  double.fail('createIndexes', { code: 86, codeName: 'IndexKeySpecsConflict' });
  expect(await failed(opened())).toMatchObject({
    code: 'failed_precondition',
    reason: 'INDEX_CONFLICT',
    details: { collection: 'things' },
  });
});

test('what the server says of values is in no error', async () => {
  await using shop = await opened();
  await shop.collection.insertOne({ email: 'a@example.org' });
  const error = await failed(shop.collection.insertOne({ email: 'a@example.org' }));
  expect(error).toMatchObject({ reason: 'DUPLICATE_KEY', details: { collection: 'things', index: 'things_email' } });
  expect(JSON.stringify([error.message, String(error.cause), (error.cause as Error).stack])).not.toContain('secret');
});

test.each([
  [{ code: 112, codeName: 'WriteConflict' }, 'aborted', 'DOCUMENTS_CONFLICT'],
  [{ code: 50, codeName: 'MaxTimeMSExpired' }, 'deadline_exceeded', 'DOCUMENTS_TIMEOUT'],
  [{ code: 10107, codeName: 'NotWritablePrimary' }, 'unavailable', 'DOCUMENTS_UNAVAILABLE'],
  [{ code: 13, codeName: 'Unauthorized' }, 'permission_denied', 'DOCUMENTS_PERMISSION_DENIED'],
  [{ code: 9999, codeName: 'Odd' }, 'internal', 'DOCUMENTS_REFUSED'],
] as const)('what the server says as %o is %s', async (fault, code, reason) => {
  await using shop = await opened();
  double.fail('update', fault);
  double.fail('update', fault);
  const error = await failed(shop.collection.updateOne({}, { $inc: { n: 1 } }));
  expect(error).toMatchObject({ code, reason });
  expect(String(error.cause)).toContain(`(${fault.code})`);
});

test('of a connection that is lost nobody knows what was written, and the next one works', async () => {
  await using shop = await opened();
  double.fail('insert', 'close');
  expect(await failed(shop.collection.insertOne({}))).toMatchObject({
    code: 'unavailable',
    reason: 'DOCUMENTS_UNAVAILABLE',
    details: { applied: 'maybe' },
  });
  double.fail('find', 'close');
  double.fail('find', 'close');
  expect(await failed(shop.collection.findOne({}))).toMatchObject({
    reason: 'DOCUMENTS_UNAVAILABLE',
    details: { applied: 'no' },
  });
  await shop.collection.insertOne({ n: 5 });
  expect(await shop.collection.countDocuments({ n: 5 })).toBe(1);
});

test('a server that does not answer is waited for no longer than an operation may take, and is told how long that is', async () => {
  await using shop = await opened({ DOCUMENTS_OPERATION_TIMEOUT: '200ms' });
  double.fail('update', 'hang');
  const error = await failed(shop.collection.updateOne({}, { $inc: { n: 1 } }));
  expect(error).toMatchObject({
    code: 'deadline_exceeded',
    reason: 'DOCUMENTS_TIMEOUT',
    details: { applied: 'maybe' },
  });
  expect(double.commands.at(-1)).toMatchObject({ update: 'things', maxTimeMS: 200 });
});

test('an operation ends with its call', async () => {
  await using shop = await opened();
  using call = createCall({ timeoutMs: 100 });
  double.fail('find', 'hang');
  const error = await failed(runInCall(call, () => shop.collection.findOne({})));
  expect(error).toMatchObject({ code: 'deadline_exceeded', reason: 'DEADLINE_EXCEEDED' });
  expect(Number(double.commands.at(-1)?.maxTimeMS)).toBeLessThanOrEqual(100);
});

test('a cursor that is left is closed at the server', async () => {
  await using shop = await opened();
  await shop.collection.insertMany(Array.from({ length: 50 }, (_, n) => ({ n })));
  for await (const _ of shop.collection.find({}, { batchSize: 10 })) break;
  await waitFor(() => double.commands.some((command) => 'killCursors' in command), { what: 'the cursor to be closed' });
  const before = double.commands.length;
  shop.collection.find({});
  expect(double.commands).toHaveLength(before);
});

test('what others have stored and JSON does not hold is told, with its place', async () => {
  await using shop = await opened();
  await using client = new MongoClient(double.url);
  await client.db().collection('things').insertOne({ n: 1 });
  expect(await failed(shop.collection.findOne({}))).toMatchObject({
    code: 'data_loss',
    reason: 'DOCUMENT_UNREADABLE',
    details: { collection: 'things', pointer: '/_id' },
  });
});

test('credentials that change are used from then on, and what is read by the ones before is read to its end', async () => {
  const { secret: credentials, rotate } = createRotatingSecret({ username: 'shop', password: 'first' });
  const url = `${double.url}?authMechanism=PLAIN`;
  await using documents = await open(url, { collections: [things], settings: { credentials } });
  const collection = documents.collection(things);
  await collection.insertMany(Array.from({ length: 30 }, (_, n) => ({ n })));
  const read: number[] = [];
  for await (const { n } of collection.find({}, { batchSize: 10 })) {
    if (read.length === 0) rotate({ username: 'shop', password: 'second' });
    read.push(n);
  }
  expect(read).toHaveLength(30);
  expect(new Set(double.logins)).toEqual(new Set(['shop:first']));
  await collection.insertOne({ n: 31 });
  expect(double.logins.at(-1)).toBe('shop:second');
  // The heart beat and one connection of the client now in force.
  await waitFor(() => double.connections <= 3, { what: 'the client before to be closed' });
});

test('a check fails while the server does not answer', async () => {
  await using shop = await opened();
  await shop.documents.check?.(AbortSignal.timeout(2_000));
  double.fail('ping', 'hang');
  await expect(shop.documents.check?.(AbortSignal.timeout(100))).rejects.toThrow();
});

test('what was closed is closed: no connection stays, and nothing can be done', async () => {
  const { documents, collection } = await opened();
  await collection.insertOne({});
  expect(documents.kind).toBe('datastore');
  await documents[Symbol.asyncDispose]();
  await documents[Symbol.asyncDispose]();
  await waitFor(() => double.connections === 0, { what: 'the connections to be closed' });
  expect(await failed(collection.insertOne({}))).toMatchObject({ code: 'unavailable', reason: 'DOCUMENTS_CLOSED' });
});

test('settings that leave the adapter out are misuse', async () => {
  const { openDocuments } = await import('@org/documents');
  const settings = { url: { reveal: () => double.url, toString: () => 'mongodb://x' }, credentials: undefined };
  const runtime = { logger: collectLogger(), service: { name: 'tests', version: '1', commit: undefined } };
  await expect(openDocuments(settings as never, { collections: [] }, runtime)).rejects.toThrow(TypeError);
});
