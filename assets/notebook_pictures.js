// Pictures of a panel in a notebook. No server gives them out: they come as messages, when they are
// near to being seen, and until then an address is a mark that says which picture it stands for.
(function (W) {
  "use strict";

  const EMPTY = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==#";
  const GONE = "data:,";
  const KEPT = 500;
  const PATIENT = { timeout: 60000 };

  W.notebookPictures = function (root, request, closed) {
    const paths = new Map();
    const marks = new Map();
    const loaded = new Map();

    function address(path) {
      if (loaded.has(path)) return loaded.get(path);
      if (!marks.has(path)) {
        const mark = `${EMPTY}${marks.size}`;
        marks.set(path, mark);
        paths.set(mark, path);
      }
      return marks.get(path);
    }

    async function fetchPicture(image, mark) {
      const path = paths.get(mark);
      const found = loaded.get(path) || (await blobOf(path).catch(() => GONE));
      if (found !== GONE) keep(path, found);
      if (image.getAttribute("src") === mark) image.setAttribute("src", found);
    }

    async function blobOf(path) {
      const { status, type, bytes } = await request(path, PATIENT);
      if (status >= 400) throw new Error(`The kernel answered ${status}.`);
      return URL.createObjectURL(new Blob([bytes], { type }));
    }

    // An image that shows a picture goes on showing it when its address is given up.
    function keep(path, blob) {
      if (loaded.has(path) && loaded.get(path) !== blob) URL.revokeObjectURL(loaded.get(path));
      loaded.set(path, blob);
      for (const [old, address] of loaded) {
        if (loaded.size <= KEPT) break;
        URL.revokeObjectURL(address);
        loaded.delete(old);
      }
    }

    const near = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (!isIntersecting) continue;
          near.unobserve(target);
          const mark = target.getAttribute("src");
          if (paths.has(mark)) fetchPicture(target, mark);
        }
      },
      { rootMargin: "300px" },
    );

    function look(node) {
      if (node.nodeType !== Node.ELEMENT_NODE) return;
      for (const image of node.matches("img") ? [node] : node.querySelectorAll("img")) {
        if (paths.has(image.getAttribute("src"))) near.observe(image);
      }
    }
    const changes = new MutationObserver((records) => {
      for (const { target, type, addedNodes } of records) {
        if (type === "attributes") look(target);
        else addedNodes.forEach(look);
      }
    });
    const watched = { subtree: true, childList: true, attributes: true, attributeFilter: ["src"] };
    changes.observe(root, watched);

    // A file to be saved is asked for when somebody wants it, as it is then.
    root.addEventListener("click", async (event) => {
      const link = event.target.closest("a[download]");
      const path = link && paths.get(link.getAttribute("href"));
      if (!path) return;
      event.preventDefault();
      try {
        const href = await blobOf(path);
        W.make("a", { href, download: link.download }).click();
        URL.revokeObjectURL(href);
      } catch (error) {
        W.notice(error.message, "problem");
      }
    });

    closed.addEventListener("abort", () => {
      changes.disconnect();
      near.disconnect();
      loaded.forEach((blob) => URL.revokeObjectURL(blob));
      loaded.clear();
    });
    return { address };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
