"use client";

import type { MeView } from "@tandem/protocol/view";
import { createContext, type ReactNode, useContext } from "react";
import { may, type Who } from "../../lib/may";

const Visitor = createContext<MeView | undefined>(undefined);

export const VisitorProvider = Visitor.Provider;

/** Who looks at this page. */
export function useVisitor(): MeView {
  const visitor = useContext(Visitor);
  if (visitor) return visitor;
  throw new Error("the layout says who looks at the page");
}

/** Drawn for whoever may use it alone. */
export function For({ who, children }: { readonly who: Who; readonly children: ReactNode }) {
  return may(useVisitor(), who) && children;
}
