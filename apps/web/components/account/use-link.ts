import { messageOf } from "@tandem/core/errors";
import { useEffect, useState } from "react";
import { post } from "../../lib/request";

/** What the link in the address is for, as the server says. Its token is behind the hash, which no server is sent. */
export function useLink<T>(path: string) {
  const [token, setToken] = useState("");
  const [link, setLink] = useState<T>();
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const given = location.hash.slice(1);
    setToken(given);
    post<T>(path, { token: given }).then(setLink, (error) => setProblem(messageOf(error)));
  }, [path]);
  return { token, link, problem };
}
