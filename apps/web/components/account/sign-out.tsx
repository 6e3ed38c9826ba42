"use client";

import { LogOut } from "lucide-react";
import { useRouter } from "next/navigation";
import { post } from "../../lib/request";
import { text } from "../../text/account";
import { Button } from "../ui/button";
import { useAttempt } from "./use-attempt";

export function SignOut() {
  const router = useRouter();
  const { busy, attempt } = useAttempt();
  const leave = async () => {
    await post("/api/sign-out");
    router.push("/sign-in");
    router.refresh();
  };
  return (
    <Button disabled={busy} onClick={() => attempt(leave)}>
      <LogOut aria-hidden="true" /> {text.signOut}
    </Button>
  );
}
