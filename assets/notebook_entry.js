// What a notebook loads for every panel. It asks the kernel, over the widget's own messages, for the
// panels' script and styles, once for each version of them, and hands over to `Workbench.notebook`.
const SILENT =
  "The kernel does not answer: it is busy or was restarted. Runs go on without it; after a restart" +
  " run this cell again.";
const OPENING = "Opening as soon as the kernel is free…";
const PATIENT = { timeout: 60000 };
// The first messages of a widget wait behind a cell that is running; those sent a moment later come
// to a thread of their own. So something small is asked, again and again, before anything else.
const FIRST = { timeout: 3600000, again: 1000 };

const loading = (globalThis.workbenchLoading ||= new Map());

function render({ model, el }) {
  const closing = new AbortController();
  const request = connect(model, closing.signal);
  const said = el.appendChild(document.createElement("p"));
  said.className = "wb-opening";
  said.textContent = OPENING;
  request("panel/mark.svg", FIRST)
    .then(() => load(request, model.get("_version")))
    .then(() => {
      if (closing.signal.aborted) return;
      said.remove();
      globalThis.Workbench.notebook(el, model, request, closing.signal);
      hidePicture(model.get("picture"));
    })
    .catch((error) => {
      if (closing.signal.aborted) return;
      said.textContent = error.told ? SILENT : `This panel cannot be shown: ${error.message}`;
      el.replaceChildren(said);
    });
  return () => closing.abort();
}

// What stands for the panel where no widget runs is an output of its own, before this one.
function hidePicture(name) {
  for (const still of document.querySelectorAll(`[data-still="${name}"]`)) {
    (still.closest(".jp-OutputArea-child") || still).style.display = "none";
  }
}

async function load(request, version) {
  for (;;) {
    const mine = !loading.has(version);
    if (mine) loading.set(version, fetchParts(request));
    try {
      return await loading.get(version);
    } catch (error) {
      loading.delete(version);
      // A panel that was closed meanwhile takes its questions with it: this one asks its own.
      if (mine) throw error;
    }
  }
}

async function fetchParts(request) {
  const [script, styles] = await Promise.all([
    request("panel/notebook/script.js", PATIENT),
    request("panel/notebook/styles.css", PATIENT),
  ]);
  if (script.status !== 200 || styles.status !== 200) throw new Error("its script is missing.");
  const address = URL.createObjectURL(new Blob([script.bytes], { type: "text/javascript" }));
  await import(address);
  URL.revokeObjectURL(address);
  const before = document.getElementById("workbench-styles");
  const style = Object.assign(document.createElement("style"), { id: "workbench-styles" });
  style.textContent = new TextDecoder().decode(styles.bytes);
  document.head.append(style);
  before?.remove();
}

// `request(path, {method, body, timeout})` resolves to {status, type, bytes}. What a kernel does not
// answer in time is an error of which the panel itself tells.
function connect(model, closed) {
  const waiting = new Map();
  const onMessage = (message, buffers) => {
    const take = waiting.get(message.answer);
    if (!take) return;
    const { buffer, byteOffset, byteLength } = buffers[0];
    const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
    take.resolve({ status: message.status, type: message.type, bytes });
  };
  model.on("msg:custom", onMessage);
  closed.addEventListener("abort", () => {
    model.off("msg:custom", onMessage);
    waiting.forEach(({ reject }) => reject(silence("AbortError")));
  });

  // `again` is the wait in milliseconds before a question is sent anew, doubled every time.
  return async function request(path, { method = "GET", body = null, timeout = 10000, again = 0 } = {}) {
    if (closed.aborted) throw silence("AbortError");
    const isFile = body instanceof Blob;
    const buffers = isFile ? [await body.arrayBuffer()] : [];
    const word = Array.from(crypto.getRandomValues(new Uint32Array(4)), (one) => one.toString(36)).join("");
    const message = { ask: word, path, method, body: isFile ? null : body };
    const timers = [];
    const send = (wait) => {
      model.send(message, undefined, buffers);
      if (wait) timers.push(setTimeout(send, wait, 2 * wait));
    };
    const answer = new Promise((resolve, reject) => {
      waiting.set(word, { resolve, reject });
      timers.push(setTimeout(() => reject(silence("TimeoutError")), timeout));
    });
    try {
      send(again);
      return await answer;
    } catch (error) {
      throw error.told ? error : silence("NetworkError");
    } finally {
      timers.forEach(clearTimeout);
      waiting.delete(word);
    }
  };
}

const silence = (name) => Object.assign(new Error(SILENT), { name, told: true });

export default { render };
