"use client";

import { lazy, Suspense } from "react";
import { patientImport } from "../../lib/join/patient-import";

// Comes with every join page, and is seldom wanted.
const LeftOfStudy = lazy(() =>
  patientImport(() => import("./left-of-study")).then((loaded) => ({
    default: loaded.LeftOfStudy,
  })),
);

/** Of an experiment that the server does not have, what this browser keeps. */
export const NoStudy = () => (
  <Suspense>
    <LeftOfStudy />
  </Suspense>
);
