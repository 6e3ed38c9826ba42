CREATE TABLE "audit" (
	"sequence" bigserial PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"by" text NOT NULL,
	"account" text,
	"name" text,
	"role" text,
	"token" text,
	"action" text NOT NULL,
	"thing" text,
	"detail" text,
	"outcome" text NOT NULL,
	"reason" text,
	"count" integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE "account_links" ADD COLUMN "resets" text;--> statement-breakpoint
ALTER TABLE "account_links" ADD CONSTRAINT "account_links_resets_users_id_fk" FOREIGN KEY ("resets") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;