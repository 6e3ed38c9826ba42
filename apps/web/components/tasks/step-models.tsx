"use client";

import { normalisations } from "@tandem/core/task";
import type { Draft, DraftBackbone } from "../../lib/tasks/draft";
import { hasPictures } from "../../lib/tasks/draft";
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
    return (
      <p className="max-w-prose text-sm text-ink-soft">
        Participants bring captions alone, so there is nothing to choose here: models learn from the
        words.
      </p>
    );
  const card = (kind: DraftBackbone["from"], of = "") => ({
    name: "backbone",
    value: kind + of,
    checked: from === kind && (kind !== "server" || url === of),
    onChange: () => edit({ from: kind, ...(kind === "server" && { url: of }) }),
  });
  return (
    <div className="space-y-7">
      <Group path="backbone.from" label="Models learn from">
        <div className="grid gap-3 md:grid-cols-2">
          <RadioCard title="The pictures" {...card("none")}>
            <Text>Small models learn all that they know from the study's pictures.</Text>
          </RadioCard>
          {backbones.map(({ name, url }) => (
            <RadioCard key={name} title={name} {...card("server", url)}>
              <Text>A model in this server's folder.</Text>
            </RadioCard>
          ))}
          <RadioCard title="A model at an address" {...card("address")}>
            <Text>In TensorFlow.js format, on any site.</Text>
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
      <Group
        path="backbone.isTrained"
        label="What participants do with it"
        hint="Frozen: small models learn from its features, in seconds. Trained: all go on training it, from the weights in its files; it must be a layers model."
      >
        <Segmented
          label="What participants do with it"
          value={isTrained ? "trained" : "frozen"}
          options={[
            { value: "frozen", text: "Learn from its features" },
            { value: "trained", text: "Train it" },
          ]}
          onChange={(value) => edit({ isTrained: value === "trained" })}
        />
      </Group>
      {from === "address" && (
        <TextField
          path="backbone.url"
          label="Address of its model.json"
          hint="https, on a site that lets other sites read it (CORS), with the weights beside it."
          inputMode="url"
          value={address}
          onText={(address) => edit({ address })}
        />
      )}
      <Group
        path="backbone.normalisation"
        label="It is fed pixels in"
        hint="As its own description says; with another range features are worse. “imagenet”: less the mean, by the deviation."
      >
        <Segmented
          label="It is fed pixels in"
          value={normalisation}
          options={normalisations.map((value) => ({ value, text: value }))}
          onChange={(normalisation) => edit({ normalisation })}
        />
      </Group>
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField
          path="backbone.layer"
          label="Layer (optional)"
          hint="Whose output the features are, mostly the one before the last; without it the model's own."
          value={layer}
          onText={(layer) => edit({ layer })}
        />
        <TextField
          path="backbone.size"
          label="Pixels a side (optional)"
          hint="8 to 224, where the model leaves it open."
          inputMode="numeric"
          value={size}
          onText={(text) => edit({ size: text.replace(/\D/g, "") })}
        />
      </div>
      <BackboneCheck draft={draft} edit={edit} />
    </div>
  );
}

const Text = ({ children }: { readonly children: string }) => (
  <span className="mt-2 text-sm text-ink-soft">{children}</span>
);
