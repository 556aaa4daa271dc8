"""The web application: our own routes, Gradio's page below them, a guard around both."""

import gradio as gr
from fastapi import FastAPI

from workbench.ui.api.guard import LoopbackGuard
from workbench.ui.api.routes import add_routes
from workbench.ui.gradio.components import head
from workbench.ui.gradio.page import build_page
from workbench.ui.gradio.theme import theme

SECONDS_BETWEEN_LOOKS = 0.05
"""Gradio looks for queued events a thousand times a second, 7 % of a core that trains beside it."""


def application() -> FastAPI:
    """Everything the page's server answers."""
    app = FastAPI(title="Re-ID Workbench", docs_url=None, redoc_url=None, openapi_url=None)
    add_routes(app)
    page = build_page()
    mounted = gr.mount_gradio_app(
        app,
        page,
        path="/",
        server_name="127.0.0.1",
        ssr_mode=False,
        footer_links=[],
        run_history=False,
        theme=theme(),
        head='<link rel="icon" type="image/svg+xml" href="panel/mark.svg">' + head(),
    )
    page._queue.sleep_when_free = SECONDS_BETWEEN_LOOKS
    mounted.add_middleware(LoopbackGuard)
    return mounted
