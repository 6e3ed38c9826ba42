import { useEffect, useState } from "react";
import type { DocHit } from "../../lib/docs/docs";
import { request } from "../../lib/request";

const pauseMs = 120;
type Answer = { readonly query: string; readonly hits: readonly DocHit[]; readonly failed?: true };

/** What the manual has for a query, asked for once its writer pauses; the last hits stay until then. */
export function useDocHits(typed: string) {
  const query = typed.trim();
  const [answer, setAnswer] = useState<Answer>({ query: "", hits: [] });
  useEffect(() => {
    const abort = new AbortController();
    const ask = async () => {
      const path = `/api/docs/search?${new URLSearchParams({ q: query })}`;
      const found = await request<readonly DocHit[]>(path, { signal: abort.signal }).then(
        (hits) => ({ query, hits }),
        () => ({ query, hits: [], failed: true as const }),
      );
      if (!abort.signal.aborted) setAnswer(found);
    };
    const timer = setTimeout(() => query !== "" && void ask(), pauseMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query]);
  const isFresh = answer.query === query;
  const status = !isFresh ? "asking" : answer.failed ? "failed" : "ready";
  return { hits: query === "" ? [] : answer.hits, status } as const;
}
