#!/usr/bin/env node
// Write the marks of well-known technologies, from simple-icons (CC0 1.0), to the one file that page and exports read.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const icons = await import(pathToFileURL(join(root, "frontend/node_modules/simple-icons/index.mjs")));
const file = join(root, "backend/archwright/formats/brands.json");
const known = JSON.parse(readFileSync(file, "utf8"));
const written = Object.fromEntries(Object.entries(known).map(([name, { icon }]) => {
  const { hex, path } = icons[icon];
  return [name, { icon, hex, path }];
}));
writeFileSync(file, `${JSON.stringify(written, null, 1)}\n`);
