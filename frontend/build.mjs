// Builds what the pages take from packages into static/build/, which git ignores:
//   icons.svg          a sprite of the Tabler icons named in frontend/icons.txt (MIT)
//   inter-latin.woff2  the variable font Inter, latin (OFL)
//   licences/          their licences, and that of CodeMirror (MIT)
//   NAME.js            each frontend/entries/NAME.js with the packages it imports
// Run: npm ci && npm run build. Pages work without it, but show neither icons nor Inter.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const root = new URL("../", import.meta.url);
const at = (path) => new URL(path, root);
const made = at("static/build/");

function sprite(names) {
  const symbols = names.map((name) => {
    const file = at(`node_modules/@tabler/icons/icons/outline/${name}.svg`);
    if (!existsSync(file)) throw new Error(`frontend/icons.txt: there is no Tabler icon named “${name}”`);
    const inner = readFileSync(file, "utf8").replace(/<!--[^]*?-->/g, "").match(/<svg[^>]*>([^]*)<\/svg>/)[1];
    const shapes = inner.replace(/\s*\n\s*/g, "").replace(/\s*\/>/g, "/>");
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
}

rmSync(made, { recursive: true, force: true });
mkdirSync(new URL("licences/", made), { recursive: true });
const names = [...new Set(readFileSync(at("frontend/icons.txt"), "utf8").split(/\s+/).filter(Boolean))].sort();
writeFileSync(new URL("icons.svg", made), sprite(names));
cpSync(at("node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"), new URL("inter-latin.woff2", made));
cpSync(at("node_modules/@tabler/icons/LICENSE"), new URL("licences/tabler-icons.txt", made));
cpSync(at("node_modules/@fontsource-variable/inter/LICENSE"), new URL("licences/inter.txt", made));
cpSync(at("node_modules/chart.js/LICENSE.md"), new URL("licences/chart.js.txt", made));

cpSync(at("node_modules/@codemirror/view/LICENSE"), new URL("licences/codemirror.txt", made));

const entries = existsSync(at("frontend/entries/")) ? readdirSync(at("frontend/entries/")).filter((name) => name.endsWith(".js")) : [];
await build({
  absWorkingDir: at(".").pathname,
  entryPoints: entries.map((name) => `frontend/entries/${name}`),
  outdir: "static/build",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  legalComments: "linked",
});
