CREATE TABLE "invitations" (
	"experiment" text NOT NULL,
	"id" text NOT NULL,
	"consent" text NOT NULL,
	"uses" integer NOT NULL,
	"used" integer NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	CONSTRAINT "invitations_experiment_id_pk" PRIMARY KEY("experiment","id")
);
--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_experiment_experiments_id_fk" FOREIGN KEY ("experiment") REFERENCES "public"."experiments"("id") ON DELETE cascade ON UPDATE no action;