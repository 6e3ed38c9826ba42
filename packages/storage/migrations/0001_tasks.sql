CREATE TABLE "tasks" (
	"id" text PRIMARY KEY NOT NULL,
	"task" jsonb NOT NULL,
	"public_set" jsonb,
	"test" jsonb,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "held_out" integer;