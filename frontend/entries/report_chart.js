// The picture of a report in a block with data-report-chart: bars, lines or a pie from the JSON beside the canvas.
// Without this the block stays hidden; its table stands on the page anyway.
import {
  ArcElement, BarController, BarElement, CategoryScale, Chart, LinearScale, LineController, LineElement, PieController,
  PointElement, Tooltip,
} from "chart.js";
import { colourOf } from "../parts/colour.js";

Chart.register(
  ArcElement, BarController, BarElement, CategoryScale, LinearScale, LineController, LineElement, PieController,
  PointElement, Tooltip,
);

const charts = new Map(); // block → its chart

function datasets(data, surface) {
  const tones = data.series.map((one) => colourOf(`--c-${one.tone}`));
  if (data.kind === "pie") {
    const values = data.series.map((one) => one.values[0]);
    return [{ data: values, backgroundColor: tones, borderColor: surface, borderWidth: 2 }];
  }
  return data.series.map((one, at) => ({
    label: one.label,
    data: one.values,
    borderColor: tones[at],
    backgroundColor: tones[at],
    borderWidth: data.kind === "line" ? 2 : 0,
    borderRadius: data.kind === "bar" && !data.isStacked ? 3 : 0,
    maxBarThickness: 48,
    spanGaps: true,
    pointRadius: one.values.length > 40 ? 0 : 3,
  }));
}

function scales(ink, font, data) {
  if (data.kind === "pie") return {};
  const short = (at) => (data.labels[at].length > 18 ? `${data.labels[at].slice(0, 17)}…` : data.labels[at]);
  return {
    x: {
      stacked: data.isStacked && data.kind === "bar",
      grid: { display: false },
      border: { color: colourOf("--line") },
      ticks: { color: ink, font, maxRotation: data.isTime ? 0 : 45, autoSkip: data.isTime, autoSkipPadding: 16, callback: (_value, at) => short(at) },
    },
    y: {
      stacked: data.isStacked && data.kind === "bar",
      beginAtZero: true,
      border: { display: false },
      grid: { color: colourOf("--line") },
      ticks: { color: ink, font, maxTicksLimit: 5 },
    },
  };
}

function draw(block) {
  charts.get(block)?.destroy();
  const data = JSON.parse(block.querySelector("script[type='application/json']").textContent);
  const ink = colourOf("--ink-2"), surface = colourOf("--surface"), strong = colourOf("--ink");
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
  const isPie = data.kind === "pie";
  charts.set(block, new Chart(block.querySelector("canvas"), {
    type: data.kind,
    data: { labels: data.labels, datasets: datasets(data, surface) },
    options: {
      animation: false,
      maintainAspectRatio: false,
      locale: document.documentElement.lang,
      interaction: isPie ? { mode: "nearest", intersect: true } : { mode: "index", intersect: false },
      font,
      scales: scales(ink, font, data),
      plugins: {
        tooltip: {
          backgroundColor: surface, titleColor: strong, bodyColor: strong,
          borderColor: colourOf("--line-strong"), borderWidth: 1, padding: 10, titleFont: font, bodyFont: font,
        },
      },
    },
  }));
}

function ready(root) {
  for (const block of [...charts.keys()]) {
    if (!block.isConnected) {
      charts.get(block).destroy();
      charts.delete(block);
    }
  }
  const found = root.matches?.("[data-report-chart]") ? [root] : root.querySelectorAll("[data-report-chart]");
  for (const block of found) {
    if (charts.has(block)) continue;
    block.hidden = false;
    draw(block);
    block.parentElement.querySelector("[data-instead]")?.setAttribute("hidden", "");
  }
}
function repaint() {
  for (const block of charts.keys()) draw(block);
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => ready(document));
else ready(document);
document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
addEventListener("themechange", repaint);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
