import type { AuditRecord } from "@tandem/core/audit";
import {
  bigint,
  bigserial,
  boolean,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from "drizzle-orm/pg-core";

/** Who has an account may look; change experiments and tasks too; change accounts too. */
export const roles = ["viewer", "researcher", "owner"] as const;
export type Role = (typeof roles)[number];

const at = (name: string) => timestamp(name, { withTimezone: true });
const whole = (name: string) => bigint(name, { mode: "number" });

/** The tables that better-auth reads and writes; it goes by the names of their fields. */
export const user = pgTable("users", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  email: text("email").notNull().unique(),
  emailVerified: boolean("email_verified").notNull(),
  image: text("image"),
  createdAt: at("created_at").notNull(),
  updatedAt: at("updated_at").notNull(),
  role: text("role").$type<Role>().notNull(),
  /** May spend what a teacher costs, without being an owner. */
  maySpend: boolean("may_spend").notNull(),
});

const userId = () =>
  text("user_id")
    .notNull()
    .references(() => user.id, { onDelete: "cascade" });

export const session = pgTable("user_sessions", {
  id: text("id").primaryKey(),
  expiresAt: at("expires_at").notNull(),
  token: text("token").notNull().unique(),
  createdAt: at("created_at").notNull(),
  updatedAt: at("updated_at").notNull(),
  ipAddress: text("ip_address"),
  userAgent: text("user_agent"),
  userId: userId(),
});

export const account = pgTable("user_credentials", {
  id: text("id").primaryKey(),
  accountId: text("account_id").notNull(),
  providerId: text("provider_id").notNull(),
  userId: userId(),
  accessToken: text("access_token"),
  refreshToken: text("refresh_token"),
  idToken: text("id_token"),
  accessTokenExpiresAt: at("access_token_expires_at"),
  refreshTokenExpiresAt: at("refresh_token_expires_at"),
  scope: text("scope"),
  password: text("password"),
  createdAt: at("created_at").notNull(),
  updatedAt: at("updated_at").notNull(),
});

export const verification = pgTable("user_verifications", {
  id: text("id").primaryKey(),
  identifier: text("identifier").notNull(),
  value: text("value").notNull(),
  expiresAt: at("expires_at").notNull(),
  createdAt: at("created_at").notNull(),
  updatedAt: at("updated_at").notNull(),
});

export const passkey = pgTable("user_passkeys", {
  id: text("id").primaryKey(),
  name: text("name"),
  publicKey: text("public_key").notNull(),
  userId: userId(),
  credentialID: text("credential_id").notNull(),
  counter: integer("counter").notNull(),
  deviceType: text("device_type").notNull(),
  backedUp: boolean("backed_up").notNull(),
  transports: text("transports"),
  createdAt: at("created_at"),
  aaguid: text("aaguid"),
});

/** Links that make one account each, or set the password of one; `id` is the hash of what the link holds. */
export const accountLinks = pgTable("account_links", {
  id: text("id").primaryKey(),
  role: text("role").$type<Role>().notNull(),
  maySpend: boolean("may_spend").notNull(),
  /** Null: printed by the server or its command line for an owner. */
  madeBy: text("made_by").references(() => user.id, { onDelete: "cascade" }),
  /** Whose password it sets; null: it makes an account. */
  resets: text("resets").references(() => user.id, { onDelete: "cascade" }),
  createdAt: whole("created_at").notNull(),
  expiresAt: whole("expires_at").notNull(),
});

/** What programs sign in with; of the token itself only the hash is kept. */
export const apiTokens = pgTable("api_tokens", {
  id: text("id").primaryKey(),
  hash: text("hash").notNull().unique(),
  userId: userId(),
  name: text("name").notNull(),
  createdAt: whole("created_at").notNull(),
  usedAt: whole("used_at"),
});

/** What teachers have cost on one day, UTC. */
export const spendings = pgTable(
  "spendings",
  {
    day: text("day").notNull(),
    kind: text("kind").notNull(),
    spent: whole("spent").notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.kind] })],
);

/** What may be spent a day, where an owner has said so. */
export const budgets = pgTable("budgets", {
  kind: text("kind").primaryKey(),
  perDay: whole("per_day").notNull(),
});

/** Who did what; accounts are named, not referred to, for they may be gone. */
export const audit = pgTable("audit", {
  sequence: bigserial("sequence", { mode: "number" }).primaryKey(),
  at: whole("at").notNull(),
  by: text("by").$type<AuditRecord["by"]>().notNull(),
  account: text("account"),
  name: text("name"),
  role: text("role"),
  token: text("token"),
  action: text("action").notNull(),
  thing: text("thing"),
  detail: text("detail"),
  outcome: text("outcome").$type<AuditRecord["outcome"]>().notNull(),
  reason: text("reason"),
  count: integer("count").notNull(),
});
