ALTER TABLE "experiments" ADD COLUMN "tags" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "note" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "group" text;--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "archived" boolean DEFAULT false NOT NULL;