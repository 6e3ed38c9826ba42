import { TandemError } from "@tandem/core/errors";
import type { Verdict } from "@tandem/core/experiment";
import { formatDay, formatMinute, plural } from "@tandem/core/format";
import type { ApplicantView, InvitationView } from "@tandem/protocol/view";
import { Command } from "commander";
import { atMost, notice, server, token } from "../options";
import { isThisMachine } from "../this-machine";
import { addRoundsCommand, archiveCommand, cloneCommand, sweepCommand, tagCommand } from "./runs";
import { apiOf, oneLine, type Server, say } from "./server";
import { importArchive, withExportOptions } from "./take-along";

export const experimentCommand = (): Command =>
  new Command("experiment")
    .description(
      "make and mark experiments of a running server, manage who may take part in them (docs/security.md), and export and import them (docs/rest.md)",
    )
    .addCommand(sweepCommand())
    .addCommand(cloneCommand())
    .addCommand(addRoundsCommand())
    .addCommand(tagCommand())
    .addCommand(archiveCommand())
    .addCommand(
      of("invite", "make an invitation link for an experiment")
        .option("--uses <n>", "how many people the link lets in", atMost(1000), 1)
        .option("--days <n>", "days until the link expires", atMost(90), 7)
        .action(invite),
    )
    .addCommand(
      of(
        "invitations",
        "list an experiment's invitation links; secrets are shown only once, when a link is made",
      ).action(async (id: string, flags: Server) => {
        const all = await apiOf(flags).invitations(id);
        for (const one of all) say(lineOf(one));
        if (all.length === 0)
          say(`${id} has no invitation: npm run experiment -- invite ${id} makes one.`);
      }),
    )
    .addCommand(
      of("revoke", "revoke a link; whoever has joined stays")
        .argument("<invitation>", "the invitation's id, from `invitations`")
        .action(async (id: string, invitation: string, flags: Server) => {
          await apiOf(flags).revoke(id, invitation);
          say(`✓ ${invitation} lets nobody in any more`);
        }),
    )
    .addCommand(
      of("applicants", "list the people who wait to be let in").action(
        async (id: string, flags: Server) => {
          const all = await apiOf(flags).applicants(id);
          for (const one of all) say(applicantLine(one));
          if (all.length === 0) say("Nobody is waiting.");
        },
      ),
    )
    .addCommand(deciding("admit", "let people in who are waiting", "accepted"))
    .addCommand(deciding("refuse", "refuse people who are waiting", "refused"))
    .addCommand(withExportOptions(of("export", "write an experiment's metrics, or all of it")))
    .addCommand(
      withServer(new Command("import"))
        .description("import an exported archive, as a record of what happened on another server")
        .argument("<file>", "the archive")
        .action(async (file: string, options: Server) => {
          const { id, config } = await importArchive(apiOf(options), file);
          say(`✓ ${id}: “${oneLine(config.name)}”`);
          say(`${options.url}/experiments/${id}`);
        }),
    );

const of = (name: string, description: string): Command =>
  withServer(new Command(name))
    .description(description)
    .argument("<experiment>", "the experiment's id, at the end of its page's address");

const withServer = (command: Command): Command =>
  command
    .addOption(server("as participants reach it; links use it").env("TANDEM_PUBLIC_URL"))
    .addOption(token());

const deciding = (name: string, description: string, verdict: Verdict): Command =>
  of(name, description)
    .argument("[applicant...]", "ids from `applicants`, or their first characters")
    .option("--all", "everyone who is waiting now", false)
    .action(
      async (
        id: string,
        wanted: readonly string[],
        { all, ...flags }: Server & { readonly all: boolean },
      ) => {
        const api = apiOf(flags);
        for (const one of chosen(await api.applicants(id), wanted, all)) {
          await api.decide(id, one.id, verdict);
          say(`✓ ${oneLine(one.name)} is ${verdict === "accepted" ? "let in" : "refused"}`);
        }
      },
    );

async function invite(
  id: string,
  { uses, days, ...flags }: Server & { readonly uses: number; readonly days: number },
): Promise<void> {
  const { id: invitation, secret } = await apiOf(flags).invite(id, { uses, days });
  say(`${flags.url}/join/${id}#${secret}`);
  say(
    `✓ ${invitation}: lets ${plural(uses, "person", "people")} in for ${plural(days, "day")}; this link is not shown again`,
  );
  if (isThisMachine(new URL(flags.url)))
    notice("this link leads to the machine that opens it: name the public address with --url");
}

function lineOf({ id, used, uses, expiresAt, isOutdated }: InvitationView): string {
  const standing = isOutdated
    ? "what people agree to has changed: lets nobody in any more"
    : used >= uses
      ? "used up"
      : expiresAt <= Date.now()
        ? "expired"
        : `until ${formatDay(expiresAt)}`;
  return [id, `${used} of ${plural(uses, "person", "people")} let in`, standing].join(" · ");
}

const shownLength = 12;
const applicantLine = ({ id, name, device, at }: ApplicantView): string =>
  [id.slice(0, shownLength), oneLine(name), oneLine(device), `since ${formatMinute(at)}`].join(
    " · ",
  );

/** Those who wait and are named by the beginnings of their ids, or all. Throws `bad-config` and `not-found`. */
function chosen(
  waiting: readonly ApplicantView[],
  wanted: readonly string[],
  all: boolean,
): readonly ApplicantView[] {
  if (all === wanted.length > 0)
    throw new TandemError(
      "bad-config",
      "name who is meant, as applicants says them, or give --all",
    );
  if (all) return waiting;
  return wanted.map((start) => {
    const found = waiting.filter(({ id }) => id.startsWith(start));
    if (found.length === 1) return found[0];
    if (found.length === 0)
      throw new TandemError("not-found", `nobody named ${start} waits: applicants lists who does`);
    throw new TandemError("bad-config", `${start} fits ${found.length} who wait: give more of it`);
  });
}
