CREATE TABLE "applicants" (
	"experiment" text NOT NULL,
	"id" text NOT NULL,
	"name" text NOT NULL,
	"device" text NOT NULL,
	"at" bigint NOT NULL,
	"verdict" text,
	CONSTRAINT "applicants_experiment_id_pk" PRIMARY KEY("experiment","id")
);
--> statement-breakpoint
ALTER TABLE "applicants" ADD CONSTRAINT "applicants_experiment_experiments_id_fk" FOREIGN KEY ("experiment") REFERENCES "public"."experiments"("id") ON DELETE cascade ON UPDATE no action;