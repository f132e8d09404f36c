// The chart of a card with data-chart-card: lines over time from the JSON beside it. Without this the card is a table.
import {
  CategoryScale, Chart, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip,
} from "chart.js";
import { colourOf } from "../parts/colour.js";

Chart.register(CategoryScale, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip);

const charts = new Map(); // card → its chart
const state = { asTable: false, hidden: null }; // kept while the card is exchanged: hour, day, earlier

function fill(context, tone) {
  const { ctx, chartArea } = context.chart;
  if (!chartArea) return "transparent";
  const gradient = ctx.createLinearGradient(0, chartArea.top, 0, chartArea.bottom);
  gradient.addColorStop(0, colourOf(tone, 22));
  gradient.addColorStop(1, colourOf(tone, 0));
  return gradient;
}

// Where a mass email began, a thin line with its name.
const marks = {
  id: "marks",
  afterDatasetsDraw({ ctx, chartArea, scales, options, data }) {
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = options.inkOfMarks;
    ctx.font = `500 11px ${options.font.family}`;
    ctx.setLineDash([3, 3]);
    let free = -1; // a name that would run into the one before is left to the tooltip and the table
    for (const [at, name] of data.marks) {
      const x = scales.x.getPixelForValue(at);
      ctx.beginPath();
      ctx.moveTo(x, chartArea.top);
      ctx.lineTo(x, chartArea.bottom);
      ctx.stroke();
      const short = name.length > 24 ? `${name.slice(0, 23)}…` : name;
      const width = ctx.measureText(short).width;
      const left = x + 4 + width > chartArea.right ? x - 4 - width : x + 4; // beside its line, never across it
      if (left > free) {
        ctx.fillText(short, left, chartArea.top + 9);
        free = left + width + 8;
      }
    }
    ctx.restore();
  },
};

function dataset(series) {
  const tone = `--c-${series.tone}`, { isMachine } = series;
  return {
    label: series.label,
    data: series.values,
    hidden: state.hidden.has(series.label),
    borderColor: colourOf(tone, isMachine ? 70 : 100),
    backgroundColor: isMachine ? "transparent" : (context) => fill(context, tone),
    borderWidth: isMachine ? 1.5 : 2,
    borderDash: isMachine ? [4, 4] : [],
    fill: !isMachine,
    cubicInterpolationMode: "monotone",
    pointRadius: series.values.length === 1 ? 4 : 0,
    pointHoverRadius: 4,
    pointBackgroundColor: colourOf(tone),
  };
}

const dataOf = (card) => JSON.parse(card.querySelector("script[type='application/json']").textContent);

function draw(card) {
  charts.get(card)?.destroy();
  const data = dataOf(card);
  const ink = colourOf("--ink-2"), surface = colourOf("--surface"), strong = colourOf("--ink");
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
  const chart = new Chart(card.querySelector("canvas"), {
    type: "line",
    data: { labels: data.labels, datasets: data.series.map(dataset), marks: data.marks },
    plugins: [marks],
    options: {
      animation: false,
      maintainAspectRatio: false,
      locale: document.documentElement.lang,
      interaction: { mode: "index", intersect: false },
      font,
      inkOfMarks: ink,
      scales: {
        x: {
          grid: { display: false },
          border: { color: colourOf("--line") },
          ticks: { color: ink, font, autoSkip: false, maxRotation: 0, callback: (at) => data.ticks[at] || null },
        },
        y: {
          beginAtZero: true,
          border: { display: false },
          grid: { color: colourOf("--line") },
          ticks: { color: ink, font, precision: 0, maxTicksLimit: 5 },
        },
      },
      plugins: {
        tooltip: {
          backgroundColor: surface, titleColor: strong, bodyColor: strong, footerColor: ink,
          borderColor: colourOf("--line-strong"), borderWidth: 1, padding: 10, titleFont: font, bodyFont: font,
          footerFont: { ...font, weight: 400 },
          callbacks: {
            labelColor: ({ dataset: { borderColor } }) => ({ borderColor, backgroundColor: borderColor }),
            footer: ([first]) => data.marks.filter(([at]) => at === first?.dataIndex).map(([, name]) => `▸ ${name}`),
          },
        },
      },
    },
  });
  charts.set(card, chart);
}

function show(card) {
  const chart = card.querySelector("[data-chart]"), table = card.querySelector("[data-chart-table]");
  const button = card.querySelector("[data-as-table]"), legend = card.querySelector("[data-legend]");
  if (!chart) return;
  // Machines are many and at once: at first they would only press the people flat.
  state.hidden ??= new Set(dataOf(card).series.filter((series) => series.isMachine).map((series) => series.label));
  button.hidden = false;
  button.setAttribute("aria-pressed", String(state.asTable));
  chart.hidden = legend.hidden = state.asTable;
  table.hidden = !state.asTable;
  for (const one of legend.querySelectorAll("button")) one.setAttribute("aria-pressed", String(!state.hidden.has(one.textContent)));
  if (!state.asTable) draw(card);
}

document.addEventListener("click", (event) => {
  const card = event.target.closest?.("[data-chart-card]");
  const series = event.target.closest?.("[data-series]");
  if (!card) return;
  if (series) {
    const name = series.textContent;
    if (!state.hidden.delete(name)) state.hidden.add(name);
    show(card);
  } else if (event.target.closest("[data-as-table]")) {
    state.asTable = !state.asTable;
    show(card);
  }
});

function ready(root) {
  for (const card of charts.keys()) {
    if (!card.isConnected) {
      charts.get(card).destroy();
      charts.delete(card);
    }
  }
  const found = root.matches?.("[data-chart-card]") ? [root] : root.querySelectorAll("[data-chart-card]");
  for (const card of found) if (!charts.has(card)) show(card);
}
function repaint() {
  for (const card of charts.keys()) if (!state.asTable) draw(card);
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => ready(document));
else ready(document);
document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
addEventListener("themechange", repaint);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
