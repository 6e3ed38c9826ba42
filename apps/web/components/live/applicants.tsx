"use client";

import type { Verdict } from "@tandem/core/experiment";
import { formatMinute } from "@tandem/core/format";
import type { ExperimentId } from "@tandem/core/ids";
import type { ApplicantView } from "@tandem/protocol/view";
import { useEffect } from "react";
import { deviceText } from "../../lib/join/client-sentence";
import { may } from "../../lib/may";
import { post } from "../../lib/request";
import { useResource } from "../../lib/use-resource";
import { text } from "../../text/experiment";
import { Named, Rows } from "../account/rows";
import { useAttempt } from "../account/use-attempt";
import { useVisitor } from "../account/visitor";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";

const lookAgainMs = 5000;

/** Who has asked to take part, for whoever may let them in. */
export function Applicants({ experiment }: { readonly experiment: ExperimentId }) {
  const mayLetIn = may(useVisitor(), "researcher");
  return (
    <Panel title={text.applicants.title} description={text.applicants.text}>
      {mayLetIn ? (
        <OwnApplicants experiment={experiment} />
      ) : (
        <p className="text-sm text-ink-soft">{text.applicants.others}</p>
      )}
    </Panel>
  );
}

function OwnApplicants({ experiment }: { readonly experiment: ExperimentId }) {
  const path = `/api/experiments/${experiment}/applicants`;
  const all = useResource<readonly ApplicantView[]>(path);
  const { busy, attempt } = useAttempt();
  const { retry } = all;
  useEffect(() => {
    const timer = setInterval(retry, lookAgainMs);
    return () => clearInterval(timer);
  }, [retry]);
  const decide = (id: string, verdict: Verdict) =>
    attempt(async () => {
      await post(`${path}/${id}`, { verdict });
      retry();
    });
  return (
    <Rows label={text.applicants.title} of={all} none={text.applicants.none}>
      {({ id, name, device, at }) => (
        <>
          <Named
            name={name}
            text={text.applicants.since(deviceText[device] ?? device, formatMinute(at))}
          />
          <div className="flex gap-2">
            <Button
              tone="primary"
              disabled={busy}
              aria-label={text.applicants.letInName(name)}
              onClick={() => decide(id, "accepted")}
            >
              {text.applicants.letIn}
            </Button>
            <Button
              tone="danger"
              disabled={busy}
              aria-label={text.applicants.refuseName(name)}
              onClick={() => decide(id, "refused")}
            >
              {text.applicants.refuse}
            </Button>
          </div>
        </>
      )}
    </Rows>
  );
}
