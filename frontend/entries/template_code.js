// The code editor of email templates: CodeMirror over the textarea, which stays the form's field and works alone.
//   <textarea data-code data-label="…">  and  <script type="application/json" id="completions">
// Placeholders are coloured, unknown ones marked; completion begins at "{". Tab leaves the editor after Esc.
import { basicSetup, EditorView } from "codemirror";
import { autocompletion, completionStatus } from "@codemirror/autocomplete";
import { indentWithTab } from "@codemirror/commands";
import { html } from "@codemirror/lang-html";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { Decoration, keymap, MatchDecorator, ViewPlugin } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const PLACEHOLDER = /\{[ \t]{0,8}(trackingUrl:[\w-]{1,64}|[A-Za-z_]\w{0,63}(?:\.\w{1,64}){0,3})[ \t]{0,8}(?:\|[^{}\r\n]{0,200})?\}/g;

// ---- looks, from the tokens of the page
const colours = HighlightStyle.define([
  { tag: tags.tagName, color: "var(--success)" },
  { tag: tags.attributeName, color: "var(--info)" },
  { tag: [tags.attributeValue, tags.string], color: "var(--warning)" },
  { tag: [tags.comment, tags.processingInstruction, tags.documentMeta], color: "var(--ink-2)", fontStyle: "italic" },
  { tag: [tags.number, tags.color, tags.unit], color: "var(--teal)" },
  { tag: [tags.keyword, tags.propertyName], color: "var(--info)" },
  { tag: tags.invalid, color: "var(--danger)" },
]);
const theme = EditorView.theme({
  "&": { height: "40rem", fontSize: ".8125rem", color: "var(--ink)", backgroundColor: "var(--surface)" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, monospace', lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in oklab, var(--accent) 22%, transparent)" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", borderRight: "1px solid var(--line)", color: "var(--ink-2)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in oklab, var(--accent) 5%, transparent)" },
  ".cm-activeLineGutter": { color: "var(--ink)" },
  ".cm-ph": { backgroundColor: "color-mix(in oklab, var(--accent) 12%, var(--surface))", borderRadius: "4px", padding: "1px 2px", fontWeight: "600" },
  ".cm-ph, .cm-ph *": { color: "var(--accent)" },
  ".cm-ph-bad": { backgroundColor: "color-mix(in oklab, var(--danger) 10%, var(--surface))", textDecoration: "underline wavy" },
  ".cm-ph-bad, .cm-ph-bad *": { color: "var(--danger)" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", border: "1px solid var(--line)", borderRadius: "var(--r1)", boxShadow: "var(--shadow-pop)", color: "var(--ink)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { maxHeight: "16rem", maxWidth: "min(32rem, 90vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: ".25rem .5rem", minHeight: "1.5rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > completion-section": { color: "var(--ink-2)", borderBottom: "1px solid var(--line)", opacity: "1", padding: ".25rem .5rem" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-completionDetail": { fontStyle: "normal", color: "var(--ink-2)" },
  "li[aria-selected] .cm-completionDetail, li[aria-selected] .cm-completionMatchedText": { color: "var(--on-accent)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-diagnostic": { padding: ".4rem .6rem" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)" },
  ".cm-panels.cm-panels-top, .cm-panels.cm-panels-bottom": { borderColor: "var(--line)" },
  ".cm-panel button, .cm-panel input": { font: "inherit", color: "var(--ink)", background: "var(--surface)", border: "1px solid var(--line-strong)", borderRadius: "var(--r1)" },
  ".cm-panel label": { fontSize: "inherit" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--hover)", borderColor: "var(--line)", color: "var(--ink-2)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "color-mix(in oklab, var(--success) 22%, transparent)" },
  ".cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket": { backgroundColor: "color-mix(in oklab, var(--danger) 22%, transparent)" },
  ".cm-searchMatch": { backgroundColor: "color-mix(in oklab, var(--warning) 30%, transparent)" },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in oklab, var(--accent) 12%, transparent)" },
});

const { nonce } = document.currentScript; // the policy of this page lets in one style element: CodeMirror's
const area = document.querySelector("textarea[data-code]");
const data = document.getElementById("completions");
if (area && data) open(JSON.parse(data.textContent));

function saveAndClose() {
  document.querySelector("[data-save-close]")?.click();
  return true;
}

function open({ choices, known }) {
  const names = new Set(known);
  const source = [{ autocomplete: (context) => completions(context, choices) }];
  const language = new Compartment();
  const modeOf = () => document.querySelector("input[name=mode]:checked")?.value ?? "html";
  const forMode = (mode) => (mode === "html" ? html() : []);
  const view = new EditorView({
    doc: area.value,
    extensions: [
      EditorView.cspNonce.of(nonce),
      Prec.highest(keymap.of([{ key: "Mod-Enter", run: saveAndClose }])), // CodeMirror's own would insert a line
      basicSetup,
      keymap.of([indentWithTab]),
      EditorView.lineWrapping,
      language.of(forMode(modeOf())),
      EditorState.languageData.of(() => source),
      autocompletion({ icons: false }),
      placeholders(names),
      lintGutter(),
      EditorView.contentAttributes.of({ "aria-label": area.dataset.label, spellcheck: "false", id: "code", "aria-describedby": "code-help" }),
      syntaxHighlighting(colours),
      theme,
      EditorView.updateListener.of((update) => {
        if (completionStatus(update.state) === "active") requestAnimationFrame(() => reachable(update.view));
        if (!update.docChanged) return;
        area.value = update.state.doc.toString();
        area.dispatchEvent(new Event("input", { bubbles: true }));
      }),
    ],
  });
  area.before(view.dom);
  area.hidden = true;
  for (const input of document.querySelectorAll("input[name=mode]")) {
    input.addEventListener("change", () => view.dispatch({ effects: language.reconfigure(forMode(modeOf())) }));
  }
  area.code = { // what template_editor.js uses
    focus: (line) => goTo(view, line),
    insert: (text) => {
      view.dispatch(view.state.replaceSelection(text), { scrollIntoView: true });
      view.focus();
    },
    mark: (problems) => mark(view, problems),
  };
  for (const label of document.querySelectorAll(`label[for="${area.id}"]`)) {
    label.addEventListener("click", () => view.focus());
  }
  area.dispatchEvent(new Event("codeready", { bubbles: true }));
}

// ---- completion: at "{" everything that can stand there, tracking URLs by their name
function completions(context, choices) {
  const before = context.matchBefore(/\{[\w.:]*$/);
  if (!before) return null;
  const after = context.state.sliceDoc(context.pos, context.pos + 1);
  return {
    from: before.from,
    options: choices.map(({ code, label, group }) => ({
      label: group.tracking ? `{trackingUrl:${label}` : code, // what is typed is looked for in it
      displayLabel: group.tracking ? label : code, detail: group.tracking ? group.label : label,
      section: { name: group.label, rank: group.rank }, type: "variable",
      apply: (view, completion, from, to) => view.dispatch({
        changes: { from, to: after === "}" ? to + 1 : to, insert: code }, selection: { anchor: from + code.length },
      }),
    })),
    validFor: /^\{[\w.:]*$/,
    filter: true,
  };
}

// A list that scrolls must be reachable by keyboard.
function reachable(view) {
  view.dom.querySelector(".cm-tooltip-autocomplete > ul")?.setAttribute("tabindex", "0");
}

// ---- placeholders as chips
function placeholders(names) {
  const isKnown = (name) => names.has(name);
  const decorator = new MatchDecorator({
    regexp: PLACEHOLDER,
    decoration: (match) => Decoration.mark({ class: isKnown(match[1]) ? "cm-ph" : "cm-ph cm-ph-bad" }),
  });
  return ViewPlugin.define(
    (view) => ({ marks: decorator.createDeco(view), update(update) { this.marks = decorator.updateDeco(update, this.marks); } }),
    { decorations: (plugin) => plugin.marks },
  );
}

// ---- problems of the compiler, at their lines
function mark(view, problems) {
  const { doc } = view.state;
  const found = problems.map(({ line, severity, message }) => {
    const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const named = message.match(/\{[^{}]*\}/)?.[0];
    const start = named ? at.text.indexOf(named) : -1;
    const from = start < 0 ? at.from + (at.text.length - at.text.trimStart().length) : at.from + start;
    return { from, to: start < 0 ? at.to : from + named.length, severity, message };
  });
  view.dispatch(setDiagnostics(view.state, found));
}
function goTo(view, line) {
  if (line) {
    const at = view.state.doc.line(Math.min(line, view.state.doc.lines));
    view.dispatch({ selection: { anchor: at.from, head: at.to }, effects: EditorView.scrollIntoView(at.from, { y: "center" }) });
  }
  view.focus();
}
