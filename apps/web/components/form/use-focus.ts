"use client";

import { useCallback, useEffect, useRef, useState } from "react";

type Target = { readonly path?: string };

/** Moves the focus to a field or to the heading, once the screen that has it is drawn. */
export function useFocus() {
  const heading = useRef<HTMLHeadingElement>(null);
  const [target, setTarget] = useState<Target>();
  useEffect(() => {
    if (!target) return;
    if (target.path === undefined) {
      heading.current?.focus({ preventScroll: true });
      window.scrollTo({ top: 0 });
      return;
    }
    const field = document.getElementById(`f-${target.path}`);
    // Radios have no id of the whole.
    const control =
      field ?? document.querySelector<HTMLElement>(`[name="${CSS.escape(target.path)}"]:checked`);
    control?.focus({ preventScroll: true });
    control?.scrollIntoView({ block: "center" });
  }, [target]);
  const focusField = useCallback((path: string) => setTarget({ path }), []);
  const focusHeading = useCallback(() => setTarget({}), []);
  return { heading, focusField, focusHeading };
}
