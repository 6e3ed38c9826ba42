"use client";

import type { ExperimentId } from "@tandem/core/ids";
import type { InvitationView, NewInvitationView } from "@tandem/protocol/view";
import { type ReactNode, useId, useState } from "react";
import { may } from "../../lib/may";
import { post, request } from "../../lib/request";
import { useResource } from "../../lib/use-resource";
import { text } from "../../text/experiment";
import { Named, Once, Rows } from "../account/rows";
import { useAttempt } from "../account/use-attempt";
import { useVisitor } from "../account/visitor";
import { inputLook } from "../form/field-input";
import { Button } from "../ui/button";
import { CopyButton } from "../ui/copy-button";
import { Panel } from "../ui/panel";
import { QrCode } from "./qr-code";

type Props = {
  readonly experiment: ExperimentId;
  /** Of its join page. */
  readonly url: string;
};

/** How others take part where nobody may without an invitation. */
export function Invitations(props: Props) {
  const mayInvite = may(useVisitor(), "researcher");
  return (
    <Panel
      title={text.invitations.title}
      description={text.invitations.text}
      className="lg:min-h-75"
    >
      {mayInvite ? (
        <OwnInvitations {...props} />
      ) : (
        <p className="text-sm text-ink-soft">{text.invitations.others}</p>
      )}
    </Panel>
  );
}

function OwnInvitations({ experiment, url }: Props) {
  const path = `/api/experiments/${experiment}/invitations`;
  const links = useResource<readonly InvitationView[]>(path);
  const [uses, setUses] = useState("1");
  const [days, setDays] = useState("7");
  const [made, setMade] = useState<{ readonly id: string; readonly address: string }>();
  const { busy, attempt } = useAttempt();
  const make = async () => {
    const { id, secret } = await post<NewInvitationView>(path, {
      uses: Number(uses),
      days: Number(days),
    });
    setMade({ id, address: `${url}#${secret}` });
    links.retry();
  };
  const revoke = async (id: string) => {
    await request(`${path}/${id}`, { method: "DELETE" });
    setMade((one) => (one?.id === id ? undefined : one));
    links.retry();
  };
  return (
    <>
      {made && (
        <Once text={text.invitations.once}>
          <QrCode text={made.address} label={text.invitations.code} />
          <div className="min-w-0 flex-1 basis-40 space-y-3">
            <code className="block text-xs break-all select-all">{made.address}</code>
            <CopyButton text={made.address} label={text.invitations.copy} />
          </div>
        </Once>
      )}
      <form
        className="mb-5 flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          attempt(make);
        }}
      >
        <Count label={text.invitations.people} most={1000} value={uses} onChange={setUses} />
        <Count label={text.invitations.days} most={90} value={days} onChange={setDays} />
        <Button type="submit" tone="primary" className="h-10" disabled={busy}>
          {text.invitations.make}
        </Button>
      </form>
      <Rows label={text.invitations.list} of={links} none={text.invitations.none}>
        {(link) => (
          <>
            <Named name={text.invitations.used(link.used, link.uses)} text={standing(link)} />
            <Button
              tone="danger"
              disabled={busy}
              aria-label={text.invitations.revokeName(link.createdAt, link.uses)}
              onClick={() => attempt(() => revoke(link.id))}
            >
              {text.invitations.revoke}
            </Button>
          </>
        )}
      </Rows>
    </>
  );
}

function Count(props: {
  readonly label: string;
  readonly most: number;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {props.label}
      </label>
      <input
        id={id}
        type="number"
        required
        min={1}
        max={props.most}
        step={1}
        value={props.value}
        onChange={({ target }) => props.onChange(target.value)}
        className={`${inputLook} figures h-10 w-20!`}
      />
    </div>
  );
}

/** Whether it lets anybody in still. */
function standing({ used, uses, expiresAt, isOutdated }: InvitationView): string {
  if (isOutdated) return text.invitations.outdated;
  if (used >= uses) return text.invitations.usedUp;
  return expiresAt <= Date.now() ? text.invitations.expired : text.invitations.until(expiresAt);
}
