"use client";

import { formatDuration, formatMinute } from "@tandem/core/format";
import type { BackupsView } from "@tandem/protocol/view";
import { useEffect } from "react";
import { post } from "../../lib/request";
import { useResource } from "../../lib/use-resource";
import { text } from "../../text/account";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";
import { Named, Rows } from "./rows";
import { useAttempt } from "./use-attempt";

/** Backups that the server has made, and one more; for owners. */
export function BackupsPanel() {
  const backups = useResource<BackupsView>("/api/backups");
  const { busy, attempt } = useAttempt();
  const { retry } = backups;
  const view = backups.type === "ready" ? backups.value : undefined;
  const isMaking = view?.making !== undefined;
  useEffect(() => {
    if (!isMaking) return;
    const timer = setInterval(retry, 1000);
    return () => clearInterval(timer);
  }, [isMaking, retry]);
  const rows =
    backups.type === "ready"
      ? { ...backups, value: backups.value.backups.map((one) => ({ ...one, id: one.name })) }
      : backups;
  return (
    <Panel title={text.backups.title} {...(view && { description: described(view) })}>
      {view?.problem !== undefined && (
        <p role="alert" className="mb-4 text-sm text-bad">
          {text.backups.failed(view.problem)}
        </p>
      )}
      <Rows label={text.backups.title} of={rows} none={text.backups.none}>
        {({ name, at }) => <Named name={formatMinute(at)} text={name} />}
      </Rows>
      {view?.schedule && (
        <div className="mt-5 flex flex-wrap items-center gap-3">
          <Button
            disabled={busy || isMaking}
            onClick={() =>
              attempt(async () => {
                await post("/api/backups");
                retry();
              })
            }
          >
            {text.backups.now}
          </Button>
          <p role="status" className="text-xs text-ink-soft">
            {view.making && makingText(view.making)}
          </p>
        </div>
      )}
    </Panel>
  );
}

function described({ schedule, nextAt }: BackupsView): string {
  if (!schedule) return text.backups.off;
  const { everyMs, keep } = schedule;
  const next = nextAt === undefined ? "" : text.backups.next(formatMinute(nextAt));
  return text.backups.every(formatDuration(everyMs), keep) + next;
}

const makingText = ({ done, of }: NonNullable<BackupsView["making"]>): string =>
  of === 0 ? text.backups.starting : text.backups.making(done, of);
