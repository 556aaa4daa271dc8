"""Opens the workbench in the browser: ``python app.py``."""

from workbench.ui.gradio.server import open_page

if __name__ == "__main__":
    open_page()
