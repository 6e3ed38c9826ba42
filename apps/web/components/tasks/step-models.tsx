"use client";

import { normalisations } from "@tandem/core/task";
import type { Draft, DraftBackbone } from "../../lib/tasks/draft";
import { hasPictures } from "../../lib/tasks/draft";
import { text } from "../../text/task-form";
import { RadioCard } from "../ui/radio-card";
import { Segmented } from "../ui/segmented";
import { BackboneCheck } from "./backbone-check";
import { Group, TextField } from "./fields";
import type { StepProps } from "./step";

export function StepModels({ draft, change, backbones }: StepProps) {
  const { from, url } = draft.backbone;
  const edit = (changes: Partial<DraftBackbone>) =>
    change({ backbone: { ...draft.backbone, ...changes } });
  if (!hasPictures(draft))
    return <p className="max-w-prose text-sm text-ink-soft">{text.models.textOnly}</p>;
  const card = (kind: DraftBackbone["from"], of = "") => ({
    name: "backbone",
    value: kind + of,
    checked: from === kind && (kind !== "server" || url === of),
    onChange: () => edit({ from: kind, ...(kind === "server" && { url: of }) }),
  });
  return (
    <div className="space-y-7">
      <Group path="backbone.from" label={text.models.from}>
        <div className="grid gap-3 md:grid-cols-2">
          <RadioCard title={text.models.pictures} {...card("none")}>
            <Text>{text.models.picturesText}</Text>
          </RadioCard>
          {backbones.map(({ name, url }) => (
            <RadioCard key={name} title={name} {...card("server", url)}>
              <Text>{text.models.serverText}</Text>
            </RadioCard>
          ))}
          <RadioCard title={text.models.address} {...card("address")}>
            <Text>{text.models.addressText}</Text>
          </RadioCard>
        </div>
      </Group>
      {(from === "server" || from === "address") && <Backbone draft={draft} edit={edit} />}
    </div>
  );
}

type BackboneProps = {
  readonly draft: Draft;
  readonly edit: (changes: Partial<DraftBackbone>) => void;
};

function Backbone({ draft, edit }: BackboneProps) {
  const { from, isTrained = false, address, layer, normalisation, size } = draft.backbone;
  return (
    <div className="space-y-5">
      <Group path="backbone.isTrained" label={text.models.use} hint={text.models.useHint}>
        <Segmented
          label={text.models.use}
          value={isTrained ? "trained" : "frozen"}
          options={[
            { value: "frozen", text: text.models.frozen },
            { value: "trained", text: text.models.trained },
          ]}
          onChange={(value) => edit({ isTrained: value === "trained" })}
        />
      </Group>
      {from === "address" && (
        <TextField
          path="backbone.url"
          label={text.models.url}
          hint={text.models.urlHint}
          inputMode="url"
          value={address}
          onText={(address) => edit({ address })}
        />
      )}
      <Group path="backbone.normalisation" label={text.models.pixels} hint={text.models.pixelsHint}>
        <Segmented
          label={text.models.pixels}
          value={normalisation}
          options={normalisations.map((value) => ({ value, text: value }))}
          onChange={(normalisation) => edit({ normalisation })}
        />
      </Group>
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField
          path="backbone.layer"
          label={text.models.layer}
          hint={text.models.layerHint}
          value={layer}
          onText={(layer) => edit({ layer })}
        />
        <TextField
          path="backbone.size"
          label={text.models.side}
          hint={text.models.sideHint}
          inputMode="numeric"
          value={size}
          onText={(written) => edit({ size: written.replace(/\D/g, "") })}
        />
      </div>
      <BackboneCheck draft={draft} edit={edit} />
    </div>
  );
}

const Text = ({ children }: { readonly children: string }) => (
  <span className="mt-2 text-sm text-ink-soft">{children}</span>
);
