import { expect, it } from "vitest";
import { findPictures } from "./find-pictures";

it.each([
  ["img/a.png", "train/img/a.png"],
  ["train/img/a.png", "train/img/a.png"],
  ["img\\a", "train/img/a.png"],
  ["C:\\photos\\a.png", "train/img/a.png"], // the only one of this name
  ["IMG\\A.PNG", "train/img/a.png"],
  ["Img/b", "train/img/B.JPG"],
  ["b.jpg", "train/img/B.JPG"],
  ["B", "train/img/B.JPG"],
  ["other/C.png", "train/other/c.png"], // the path before the name
  ["c.png", "train/C.png"],
  ["C.png", "train/C.png"],
  ["img/twice.png", undefined], // of two that differ in case alone
  ["img/Twice.png", "train/img/Twice.png"],
  ["z.png", undefined],
  ["", undefined],
])("%j is %s", (cell, path) => {
  const paths = [
    "img/a.png",
    "img/B.JPG",
    "other/c.png",
    "C.png",
    "img/Twice.png",
    "img/TWICE.png",
  ];
  const find = findPictures(paths.map((one) => `train/${one}`));
  expect(find("train/metadata.csv", cell)).toBe(path);
});
