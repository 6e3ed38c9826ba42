/*
 * The words of the panel for own data as it opens. They load with the join page, whose size is
 * bounded: what is shown once there is data is in `own-data.ts`.
 */

export const panel = {
  title: "Your data",
  classes: "Classes:",
  loading: "Loading…",
  reading: "Reading…",
} as const;

export const sources = {
  label: "Add data",
  drop: "Drop pictures, folders, a zip or a table here, or choose",
  dropTexts: "Drop texts or a table of them here, or choose",
  more: "Add more",
  hint: "Folders named after the classes sort themselves. Pasting works too.",
  files: "Files",
  folder: "Folder",
  camera: "Camera",
  type: "Type",
  pasted: "Pasted",
} as const;
