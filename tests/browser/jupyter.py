"""A real JupyterLab over notebooks of a test, and what a person does in it."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat

from tests.browser.conftest import _free_port

FOLDERS = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
# An empty token on the loopback address: for tests only.
SETTINGS = (
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--IdentityProvider.token=",
    "--ServerApp.password=",
    "--LabApp.expose_app_in_browser=True",
    "--LabApp.news_url=",
    "--LabApp.extension_manager=readonly",
)
QUIET = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}
# JupyterLab opens again what was open before: the notebook asked for may not be in front yet.
IDLE = """name => {
  const shown = window.jupyterapp?.shell?.currentWidget;
  return shown?.context?.path === `${name}.ipynb` &&
    shown?.sessionContext?.session?.kernel?.status === 'idle';
}"""
# What panels leave behind on the page itself: our scripts are loaded as blobs.
WATCH = """
window.left = new Map();
let numbers = 0;
const ours = () => /blob:/.test(new Error().stack);
for (const target of [window, document]) {
  const [add, remove] = [target.addEventListener, target.removeEventListener];
  target.addEventListener = function (kind, work, settings) {
    if (ours() && !settings?.once) {
      const key = `${kind} ${++numbers}`;
      window.left.set(key, work);
      settings?.signal?.addEventListener('abort', () => window.left.delete(key));
    }
    return add.call(target, kind, work, settings);
  };
  target.removeEventListener = function (kind, work, settings) {
    for (const [key, held] of window.left) {
      if (held === work && key.startsWith(`${kind} `)) window.left.delete(key);
    }
    return remove.call(target, kind, work, settings);
  };
}
const Plain = window.MutationObserver;
window.MutationObserver = class extends Plain {
  observe(target, settings) {
    if (ours() && target === document.body) window.left.set(this, target);
    return super.observe(target, settings);
  }
  disconnect() {
    window.left.delete(this);
    return super.disconnect();
  }
};
"""


class Lab:
    """JupyterLab as ``make lab`` opens it, with settings, runs and notebooks of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.notebooks = folder / "notebooks"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.process = None

    def start(self):
        environment = os.environ | {name: str(self.folder / name.lower()) for name in FOLDERS}
        environment |= {
            "WORKBENCH_RUNS": str(self.folder / "runs"),
            "WORKBENCH_DATASETS": str(self.folder / "datasets"),
        }
        self.notebooks.mkdir(exist_ok=True)
        settings = self.folder / "jupyter_config_dir" / "labconfig"
        settings.mkdir(parents=True)
        (settings / "default_setting_overrides.json").write_text(json.dumps(QUIET))
        with open(self.folder / "lab.log", "ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "jupyterlab",
                    *SETTINGS,
                    f"--ServerApp.port={self.port}",
                    f"--ServerApp.root_dir={self.notebooks}",
                ],
                env=environment,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 300
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "lab.log").read_text()
            assert time.monotonic() < until, "JupyterLab does not answer"
            time.sleep(0.2)
        return self

    def stop(self):
        """Ends the server, and with it its kernels."""
        self.process.terminate()
        self.process.wait(60)

    def write(self, name, *cells):
        """A notebook of these cells of code."""
        made = [nbformat.v4.new_code_cell(cell) for cell in cells]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})
        nbformat.write(notebook, self.notebooks / f"{name}.ipynb")

    def _answers(self):
        try:
            with urllib.request.urlopen(f"{self.url}api/status", timeout=60) as answer:
                return "started" in json.load(answer)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


def open_notebook(watched, name):
    """Opens a notebook, and none that was open before, and waits for its kernel."""
    watched.page.goto(f"{watched.server.url}lab/tree/{name}.ipynb?reset")
    ready(watched.page, name)
    return watched.page


def ready(page, name):
    """Waits until this notebook is in front and its kernel has nothing to do."""
    page.wait_for_function(IDLE, arg=name)


def run_all(page, wait=True):
    """Runs all cells, and waits for the last."""
    begun = "window.jupyterapp.commands.execute('notebook:run-all-cells')"
    page.evaluate(f"() => {begun}" if wait else f"() => {{ {begun}; }}")


def save(page):
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")


def restart(page, name):
    """Ends the kernel and begins a new one in its place."""
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    ready(page, name)


def theme(page, name):
    page.evaluate(
        "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name
    )
