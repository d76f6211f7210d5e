import { MongoClient } from 'mongodb';

/** The server is not the test's own: what was made on it goes. */
export async function dropCollections(url: string, names: readonly string[]): Promise<void> {
  const client = new MongoClient(url);
  const database = client.db(new URL(url).pathname.slice(1) || 'tests');
  for (const name of names) await database.collection(name).drop();
  await client.close();
}
