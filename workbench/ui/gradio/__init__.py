"""The browser page. Gradio is told, before it is imported, to stay off the network."""

import os

# Gradio compares with the text "True"; anything else switches its look-ups of outside hosts off.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
