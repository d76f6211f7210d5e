import type { Migration } from '@org/database';

export const migration: Migration = {
  name: '0001_orders',
  sql: String.raw`CREATE TABLE "idempotency_keys" (
  "key" text PRIMARY KEY NOT NULL,
  "fingerprint" text NOT NULL,
  "answer" text,
  "answered_at" timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE "inbox" (
  "consumer" text NOT NULL,
  "id" text NOT NULL,
  "done_at" timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "inbox_consumer_id_pk" PRIMARY KEY("consumer","id")
);
CREATE TABLE "orders" (
  "id" uuid PRIMARY KEY NOT NULL,
  "number" bigint GENERATED ALWAYS AS IDENTITY (sequence name "orders_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
  "status" text NOT NULL,
  "customer_name" text NOT NULL,
  "shipping_address" jsonb NOT NULL,
  "currency" text NOT NULL,
  "items" jsonb NOT NULL,
  "total" bigint NOT NULL,
  "note" text,
  "version" integer DEFAULT 1 NOT NULL,
  "created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "orders_number_unique" UNIQUE("number")
);
CREATE TABLE "outbox" (
  "position" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbox_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
  "kind" text NOT NULL,
  "key" text,
  "event" json NOT NULL,
  "published_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  "attempts" integer DEFAULT 0 NOT NULL,
  "retry_at" timestamp with time zone,
  "last_error" text
);
CREATE INDEX "idempotency_keys_answered_at" ON "idempotency_keys" USING btree ("answered_at");
CREATE INDEX "inbox_done_at" ON "inbox" USING btree ("done_at");
CREATE INDEX "orders_status_number" ON "orders" USING btree ("status","number");
CREATE INDEX "outbox_key" ON "outbox" USING btree ("key","position") WHERE "outbox"."key" IS NOT NULL;
CREATE INDEX "outbox_retry_at" ON "outbox" USING btree ("retry_at") WHERE "outbox"."retry_at" IS NOT NULL;
`,
  down: String.raw`DROP TABLE "idempotency_keys" CASCADE;
DROP TABLE "inbox" CASCADE;
DROP TABLE "orders" CASCADE;
DROP TABLE "outbox" CASCADE;
`,
};
