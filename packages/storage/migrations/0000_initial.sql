CREATE TABLE "clients" (
	"experiment" text NOT NULL,
	"id" text NOT NULL,
	"token_hash" text NOT NULL,
	"slot" integer NOT NULL,
	"name" text NOT NULL,
	"modality" text NOT NULL,
	"architecture" text NOT NULL,
	"samples" integer NOT NULL,
	"source" text NOT NULL,
	"device" text NOT NULL,
	"joined_at" bigint NOT NULL,
	"left_at" bigint,
	"bytes_up" bigint NOT NULL,
	"bytes_down" bigint NOT NULL,
	CONSTRAINT "clients_experiment_id_pk" PRIMARY KEY("experiment","id")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"experiment" text NOT NULL,
	"sequence" bigint NOT NULL,
	"at" bigint NOT NULL,
	"event" jsonb NOT NULL,
	CONSTRAINT "events_experiment_sequence_pk" PRIMARY KEY("experiment","sequence")
);
--> statement-breakpoint
CREATE TABLE "experiments" (
	"id" text PRIMARY KEY NOT NULL,
	"config" jsonb NOT NULL,
	"status" text NOT NULL,
	"state" jsonb NOT NULL,
	"sequence" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "metrics" (
	"experiment" text NOT NULL,
	"round" integer NOT NULL,
	"client" text,
	"metrics" jsonb NOT NULL,
	CONSTRAINT "metrics_key" UNIQUE NULLS NOT DISTINCT("experiment","round","client")
);
--> statement-breakpoint
CREATE TABLE "rounds" (
	"experiment" text NOT NULL,
	"round" integer NOT NULL,
	"phases" jsonb NOT NULL,
	"ended_at" bigint,
	"cohort" jsonb NOT NULL,
	"uploads" integer NOT NULL,
	"refused" integer NOT NULL,
	"bytes_up" bigint NOT NULL,
	"bytes_down" bigint NOT NULL,
	"state_hash" text,
	CONSTRAINT "rounds_experiment_round_pk" PRIMARY KEY("experiment","round")
);
--> statement-breakpoint
ALTER TABLE "clients" ADD CONSTRAINT "clients_experiment_experiments_id_fk" FOREIGN KEY ("experiment") REFERENCES "public"."experiments"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_experiment_experiments_id_fk" FOREIGN KEY ("experiment") REFERENCES "public"."experiments"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "metrics" ADD CONSTRAINT "metrics_experiment_experiments_id_fk" FOREIGN KEY ("experiment") REFERENCES "public"."experiments"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rounds" ADD CONSTRAINT "rounds_experiment_experiments_id_fk" FOREIGN KEY ("experiment") REFERENCES "public"."experiments"("id") ON DELETE cascade ON UPDATE no action;