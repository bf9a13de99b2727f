// Draws the table beside a picture. The table is the truth; without this script it is opened and nothing is lost.
//   <div data-chart="line|bars|rows" data-table="id of the table" data-most="12">
// A column that is drawn has data-colour on its heading (the name of a colour of the look), a cell its data-value.
(() => {
  "use strict";
  const drawn = new Map();
  const look = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

  function read(table, most) {
    const heads = [...table.tHead.rows[0].cells].slice(1);
    const columns = heads
      .map((head, at) => ({ at, name: head.textContent.trim(), colour: head.dataset.colour }))
      .filter((column) => column.colour);
    const rows = [...table.tBodies[0].rows].map((row) => ({
      name: row.cells[0].textContent.trim(),
      colour: row.dataset.colour,
      cells: [...row.cells].slice(1).map((cell) => ({
        value: cell.dataset.value === "" ? null : Number(cell.dataset.value),
        url: cell.querySelector("a")?.getAttribute("href") ?? "",
      })),
    }));
    return { columns, rows: most ? rows.slice(0, most) : rows };
  }

  function option(kind, { columns, rows }) {
    const lying = kind === "rows";
    const words = { color: look("--ink-2"), fontFamily: look("--sans"), fontSize: 12 };
    const names = {
      type: "category", data: rows.map((row) => row.name), inverse: lying,
      axisLabel: { ...words, interval: lying ? 0 : "auto", formatter: (name) => shorten(name, lying ? 11 : 12) },
      axisLine: { lineStyle: { color: look("--line-2") } }, axisTick: { show: false },
    };
    const numbers = {
      type: "value", minInterval: 1, axisLabel: words, splitLine: { lineStyle: { color: look("--line") } },
    };
    const one = columns.length === 1;
    const series = columns.map((column) => ({
      name: column.name,
      type: kind === "line" ? "line" : "bar",
      symbol: rows.length > 62 ? "none" : "circle", symbolSize: 5, barMaxWidth: 14, barGap: "20%",
      lineStyle: { width: 2 },
      itemStyle: { color: look(column.colour) },
      data: rows.map((row) => ({ value: row.cells[column.at].value, url: row.cells[column.at].url,
        ...(row.colour && column === columns[0] ? { itemStyle: { color: look(row.colour) } } : {}) })),
      ...(one && kind !== "line" ? { label: { show: true, position: lying ? "right" : "top", ...words } } : {}),
    }));
    const coloured = rows.some((row) => row.colour);
    return {
      animation: false,
      textStyle: { fontFamily: look("--sans") },
      grid: { left: 4, right: 28, top: one || coloured ? 12 : 34, bottom: 4, containLabel: true },
      legend: one || coloured ? undefined : { top: 0, left: 0, itemWidth: 14, itemHeight: 8, textStyle: words },
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true,
        axisPointer: { type: kind === "line" ? "line" : "shadow" },
        backgroundColor: look("--card"), borderColor: look("--line-2"), textStyle: { ...words, color: look("--ink") },
      },
      xAxis: lying ? numbers : names,
      yAxis: lying ? names : numbers,
      series,
    };
  }

  function draw(place) {
    const table = document.getElementById(place.dataset.table);
    if (!table || !window.echarts) return;
    const data = read(table, Number(place.dataset.most) || 0);
    if (place.dataset.chart === "rows") {
      const height = `${Math.max(120, data.rows.length * (data.columns.length > 1 ? 36 : 26) + 56)}px`;
      if (place.style.height !== height) place.style.height = height;
    }
    let chart = drawn.get(place);
    if (!chart) {
      chart = window.echarts.init(place, null, { renderer: "canvas" });
      chart.on("click", (event) => { if (event.data?.url) window.location.assign(event.data.url); });
      drawn.set(place, chart);
    }
    chart.setOption(option(place.dataset.chart, data), true);
    chart.resize();
  }

  const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);
  document.addEventListener("DOMContentLoaded", drawAll);
  document.addEventListener("htmx:after:swap", drawAll);
  window.addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
  window.addEventListener("beforeprint", () => drawn.forEach((chart) => chart.resize()));
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-theme", "class"] });
})();
