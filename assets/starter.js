// Where and whether to start: the device and who is busy, what stands in the way, the button.
(function (W) {
  "use strict";

  W.starter = function (element, host, { change, start, fetch, find, miniature }) {
    const device = W.make("select", { class: "wb-input", "aria-label": "Device" });
    const button = W.button("Start", press, "wb-primary wb-start");
    const wait = W.make("p", { class: "wb-muted wb-start-note", role: "status" });
    const problems = W.make("div", { class: "wb-field-errors", role: "alert", hidden: true });
    const small = W.toggle("Try it on a miniature", "", () => miniature(small.on()).then(drawSmall));
    const about = W.make("p", { class: "wb-muted wb-start-note" });
    const trying = W.make("div", { class: "wb-start-trying", hidden: true }, small.element, about);
    const cost = W.make("p", { class: "wb-muted wb-start-note", hidden: true });
    const row = W.make("div", { class: "wb-row" }, device, button);
    W.fill(element, problems, trying, cost, wait, row);
    host.starts.addEventListener("workbench:start", press);

    let devices = [];
    let chosen = "auto";
    let drawn = "";
    let told = null;

    async function press() {
      if (button.disabled) return problems.querySelector("button")?.focus();
      button.textContent = "Starting…";
      await W.act(button, async () => {
        await start();
        await loop.now();
      });
      button.textContent = "Start";
      button.disabled = !problems.hidden;
    }

    function draw(view) {
      const all = view.sections.flatMap((section) => section.fields);
      const fields = all.filter((field) => field.error);
      problems.hidden = !fields.length && !view.problems.length;
      W.fill(
        problems,
        fields.map((field) => W.make("p", {}, W.link(field.label, () => find(field.path)), ` ${field.error}`)),
        view.problems.map((text) => W.make("p", {}, text)),
        view.lacks_weights ? fetchButton(view.published_weights) : null,
      );
      button.disabled = !problems.hidden;
      cost.hidden = !view.expected;
      cost.textContent = view.expected ? W.capital(view.expected) : "";
      told = view.miniature;
      drawSmall();
      chosen = view.devices[0] || "auto";
      drawDevices();
    }

    // What the server says, also where it refused to move the switch.
    function drawSmall() {
      trying.hidden = !told;
      small.set(Boolean(told?.on));
      about.textContent = told?.on ? told.about : "";
    }

    // Pretrained weights are the one thing that may use the network, and only when asked for.
    function fetchButton(name) {
      const asked = W.button(
        `Fetch ${name} (uses the network)`,
        () => {
          asked.textContent = `Fetching ${name}…`;
          W.act(asked, fetch);
        },
        "wb-small",
      );
      return asked;
    }

    function drawDevices() {
      const one = devices.find((each) => (chosen === "auto" ? each.best : each.name === chosen));
      wait.textContent = one?.wait || "";
      const text = JSON.stringify([devices, chosen]);
      if (text === drawn || document.activeElement === device) return;
      drawn = text;
      const option = (value, words) =>
        W.make("option", { value, selected: value === chosen }, words);
      const each = ({ name, title, words }) => option(name, `${title} · ${words}`);
      // What is set is what the box says, also where this machine does not have it.
      const absent = devices.length && chosen !== "auto" && !one;
      const missing = absent ? option(chosen, `${chosen} · not on this machine`) : null;
      W.fill(device, option("auto", "Best device"), devices.map(each), missing);
    }

    device.addEventListener("change", () => {
      const value = device.value;
      device.blur();
      change("run.devices", [value]);
    });
    const loop = W.every(button, 5000, async () => {
      devices = (await host.ask("api/devices")).devices;
      drawDevices();
    });
    return { draw };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
