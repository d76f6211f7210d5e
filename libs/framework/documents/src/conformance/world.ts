import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { Collection } from '../collection.ts';
import { defineCollection, type CollectionDefinition } from '../definition.ts';
import type { Documents } from '../open-documents.ts';

const person = z.object({
  name: z.string(),
  email: z.string().optional(),
  age: z.int().min(0).optional(),
  born: z.date().optional(),
  active: z.boolean().default(true),
  tags: z.array(z.string()).default([]),
  address: z.object({ city: z.string(), zip: z.string().nullable().optional() }).optional(),
  pets: z.array(z.object({ name: z.string(), age: z.number().optional() })).optional(),
});

export type Person = z.output<typeof person> & { readonly _id: string };
export type NewPerson = z.input<typeof person> & { readonly _id?: string };
/** A document of which the schema says nothing. */
export type Anything = { readonly _id: string } & { readonly [name: string]: unknown };

/** What a case has: collections of its own, which are empty. */
export interface World {
  readonly people: Collection<Person, NewPerson>;
  readonly anything: Collection<Anything, { readonly [name: string]: unknown }>;
  /** The name of the unique index of people over their `email`. */
  readonly emailIndex: string;
}

export function createWorld(): {
  readonly definitions: readonly CollectionDefinition[];
  readonly world: (documents: Documents) => World;
} {
  const token = `c${randomBytes(5).toString('hex')}`;
  const people = defineCollection({
    name: `${token}_people`,
    schema: person,
    indexes: [
      { keys: { email: 1 }, unique: true },
      { keys: { age: 1, name: -1 } },
      { keys: { born: -1 } },
      { keys: { 'pets.name': 1 } },
    ],
  });
  const anything = defineCollection({ name: `${token}_anything`, schema: z.looseObject({}) });
  return {
    definitions: [people, anything],
    world: (documents) => ({
      people: documents.collection(people),
      anything: documents.collection(anything),
      emailIndex: `${token}_people_email`,
    }),
  };
}

/** The ids of documents, sorted. */
export function idsOf(documents: readonly { readonly _id: string }[]): string[] {
  return documents.map(({ _id }) => _id).sort();
}
