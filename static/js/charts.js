// Draws every <div class="crm-chart" data-chart="ID"> from the JSON that {{ data|json_script:ID }}
// left on the page:
//   {"kind": "bar" | "hbar" | "line" | "funnel", "labels": [...], "urls": [...],
//    "series": [{"name": "...", "values": [...], "tone": "late" | "warn" | "ok" | "muted"}], "stacked": false}
// A click on an item opens its url. Canvas and rich-text tooltips only: the other renderers write
// inline styles, which the content security policy forbids. Numbers for those who do not see the
// picture stand in the table behind it.
(() => {
  "use strict";
  const charts = new Map();
  const tones = {
    late: "--c-late",
    warn: "--c-warn",
    ok: "--c-ok",
    muted: "--c-line-2",
  };
  const order = ["--c-brand", "--c-warn", "--c-ok", "--c-muted"];

  function paint(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function option(data) {
    const lying = data.kind === "hbar" || data.kind === "funnel";
    const text = {
      color: paint("--c-muted"),
      fontSize: 12,
      fontFamily: getComputedStyle(document.body).fontFamily,
    };
    const names = {
      type: "category",
      data: data.labels,
      inverse: lying,
      axisTick: { show: false },
      axisLine: { show: !lying, lineStyle: { color: paint("--c-line-2") } },
      axisLabel: {
        ...text,
        color: paint("--c-body"),
        width: lying ? 110 : undefined,
        overflow: "truncate",
      },
    };
    const numbers = {
      type: "value",
      minInterval: 1,
      axisLabel: { ...text, show: data.kind !== "funnel" },
      splitLine: { show: data.kind !== "funnel", lineStyle: { color: paint("--c-line") } },
    };
    return {
      animation: false,
      aria: { enabled: true },
      textStyle: text,
      grid: {
        left: 4,
        right: lying ? 44 : 12,
        top: data.series.length > 1 ? 34 : 14,
        bottom: 4,
        containLabel: true,
      },
      legend:
        data.series.length > 1
          ? {
              top: 0,
              left: 0,
              icon: "roundRect",
              itemWidth: 12,
              itemHeight: 8,
              textStyle: { ...text, color: paint("--c-body") },
            }
          : undefined,
      tooltip: {
        renderMode: "richText",
        trigger: "axis",
        axisPointer: { type: data.kind === "line" ? "line" : "shadow" },
        backgroundColor: paint("--c-paper"),
        borderColor: paint("--c-line-2"),
        textStyle: { ...text, color: paint("--c-ink") },
      },
      xAxis: lying ? numbers : names,
      yAxis: lying ? names : numbers,
      series: data.series.map((series, at) => ({
        name: series.name,
        type: data.kind === "line" ? "line" : "bar",
        stack: data.stacked ? "all" : undefined,
        data: series.values,
        cursor: data.urls ? "pointer" : "default",
        barMaxWidth: lying ? 18 : 28,
        showBackground: data.kind === "funnel",
        backgroundStyle: { color: paint("--c-track"), borderRadius: 3 },
        itemStyle: {
          color: paint(tones[series.tone] || order[at % order.length]),
          borderRadius: data.stacked ? 0 : 3,
        },
        label: {
          show: lying && !data.stacked,
          position: "right",
          ...text,
          color: paint("--c-ink"),
          fontWeight: 600,
        },
      })),
    };
  }

  function draw(box) {
    const source = document.getElementById(box.dataset.chart);
    if (!source || !window.echarts) {
      return;
    }
    const data = JSON.parse(source.textContent);
    let chart = charts.get(box);
    if (!chart) {
      chart = window.echarts.init(box, null, { renderer: "canvas" });
      charts.set(box, chart);
      chart.on("click", (event) => {
        const series = data.series[event.seriesIndex];
        const url = (series?.urls || data.urls || [])[event.dataIndex];
        if (url) {
          window.location.assign(url);
        }
      });
      new ResizeObserver(() => chart.resize()).observe(box);
    }
    chart.setOption(option(data), true);
  }

  function drawAll() {
    charts.forEach((chart, box) => {
      if (!box.isConnected) {
        chart.dispose();
        charts.delete(box);
      }
    });
    document.querySelectorAll("[data-chart]").forEach(draw);
  }

  drawAll();
  document.body.addEventListener("htmx:afterSettle", drawAll);
  document.addEventListener("crm:theme", drawAll);
  window
    .matchMedia("(prefers-color-scheme: dark)")
    .addEventListener("change", () => setTimeout(drawAll));
})();
