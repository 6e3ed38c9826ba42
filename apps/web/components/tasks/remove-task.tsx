"use client";

import { messageOf } from "@tandem/core/errors";
import { Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { toast } from "sonner";
import { request } from "../../lib/request";
import { text } from "../../text/tasks";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";

type Props = { readonly id: string; readonly name: string };

export function RemoveTask({ id, name }: Props) {
  const router = useRouter();
  const remove = async () => {
    try {
      await request(`/api/tasks/${id}`, { method: "DELETE" });
      router.push("/tasks");
      router.refresh();
    } catch (error) {
      toast.error(messageOf(error));
    }
  };
  return (
    <Confirm
      title={text.remove.ask(name)}
      text={text.remove.text}
      verb={text.remove.verb}
      onConfirm={() => void remove()}
    >
      <Button tone="danger">
        <Trash2 aria-hidden="true" /> {text.remove.verb}
      </Button>
    </Confirm>
  );
}
