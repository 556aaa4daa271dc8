"""The addresses that answer: the page's own, and of Gradio's those that the page needs.

Gradio brings many more (uploads, files, a proxy, deep links, monitoring): nothing here uses them.
"""

PAGE = "/"
READ = frozenset(
    {
        PAGE,
        "/config",
        "/favicon.ico",
        "/theme.css",
        "/gradio_api/app_id",
        "/gradio_api/info",
        "/gradio_api/queue/data",
    }
)
"""What the browser's page and ``gradio_client`` load."""
POSTED = frozenset({"/gradio_api/cancel", "/gradio_api/queue/join"})
"""An event of a panel or a call of an endpoint, and giving one up."""
READ_BELOW = ("/api/", "/assets/", "/panel/", "/static/")
POSTED_BELOW = ("/api/",)


def answers(method: str, path: str) -> bool:
    """Whether there is anything at a decoded path."""
    if method in ("GET", "HEAD"):
        return path in READ or path.startswith(READ_BELOW)
    return method == "POST" and (path in POSTED or path.startswith(POSTED_BELOW))
