// The images chosen with box, lasso or by identity: as a grid, as a table, as a file.
(function (W) {
  "use strict";

  const PAGE = 60;
  const ROWS = 200;
  const COLUMNS = ["point", "source", "index", "identity", "camera", "first hit", "across", "up", "true neighbours"];

  // `rows(numbers)` gives what the table shows of each point; `picture`, `choose` as in a card;
  // `clear()` is called when nothing is to be chosen any more.
  W.mapPicks = function ({ rows, picture, choose, clear }) {
    const heading = W.make("h2", {});
    const grid = W.make("ol", { class: "wb-map-grid", "aria-label": "Chosen images" });
    const more = W.button("More images", () => extend(), "wb-small wb-quiet");
    const table = W.details("As a table");
    const file = W.button("Download as CSV", () => download(numbers), "wb-small");
    const none = W.button("Clear", () => clear(), "wb-small wb-quiet");
    const head = W.make("div", { class: "wb-row" }, heading, W.make("div", { class: "wb-row wb-end" }, file, none));
    const named = { class: "wb-card wb-map-picks", "aria-label": "Chosen images", hidden: true };
    const element = W.make("section", named, head, grid, more, table.element);
    let numbers = [];

    function extend() {
      const next = numbers.slice(grid.children.length, grid.children.length + PAGE);
      grid.append(...rows(next).map(tile));
      more.hidden = grid.children.length >= numbers.length;
      more.textContent = `More images (${grid.children.length} of ${numbers.length})`;
    }

    function tile(row) {
      const label = `Point ${row.point}, ${row.source} ${row.index}, ${W.captionOf(row)}`;
      const button = W.make(
        "button",
        { type: "button", class: "wb-thumb", "aria-label": label, title: label },
        picture(row, 96),
        W.make("span", {}, W.captionOf(row)),
      );
      button.addEventListener("click", () => choose(row.point));
      return W.make("li", {}, button);
    }

    function drawTable() {
      if (!table.element.open) return;
      const cells = (row) => W.make("tr", {}, COLUMNS.map((name) => W.make("td", { class: "wb-number" }, cell(row, name))));
      const heads = W.make("tr", {}, COLUMNS.map((name) => W.make("th", { scope: "col" }, name)));
      const body = W.make("tbody", {}, rows(numbers.slice(0, ROWS)).map(cells));
      const left = numbers.length - ROWS;
      const region = { class: "wb-table-box", tabindex: 0, role: "region", "aria-label": "Chosen points" };
      W.fill(
        table.body,
        W.make("div", region, W.make("table", { class: "wb-numbers" }, W.make("thead", {}, heads), body)),
        left > 0 ? W.make("p", { class: "wb-muted" }, `${left} more rows are in the file.`) : null,
      );
    }

    function cell(row, name) {
      const value = row[name];
      if (value === null || value === undefined) return "";
      if (name === "true neighbours") return W.percent(value);
      return typeof value === "number" ? W.number(value) : value;
    }

    function download(which) {
      const line = (row) => COLUMNS.map((name) => row[name] ?? "").join(",");
      const text = [COLUMNS.join(","), ...rows(which).map(line)].join("\n");
      const href = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/csv" }));
      W.make("a", { href, download: "map.csv" }).click();
      setTimeout(() => URL.revokeObjectURL(href), 1000);
    }

    table.element.addEventListener("toggle", drawTable);
    return {
      element,
      download,
      draw(chosen, words) {
        numbers = [...chosen];
        element.hidden = numbers.length === 0;
        heading.textContent = `${words}: ${numbers.length} ${numbers.length === 1 ? "image" : "images"}`;
        W.fill(grid);
        extend();
        drawTable();
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
