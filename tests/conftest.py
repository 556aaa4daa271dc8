"""What every test shares: folders of its own, no network, no surprise from the user's settings."""

import socket

import pytest

LOOPBACK = {"127.0.0.1", "::1", "localhost", "", None}


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Runs and data sets of a test live in its own folder."""
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("WORKBENCH_DATASETS", str(tmp_path / "datasets"))
    monkeypatch.setenv("WORKBENCH_BROWSER", "0")
    for name in ("WORKBENCH_PORT", "WORKBENCH_HOST", "WORKBENCH_TOKEN", "WORKBENCH_RECIPES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def no_outside_names(monkeypatch):
    """Looking up any host but this machine is an error, so nothing can depend on the network."""
    real = socket.getaddrinfo

    def only_loopback(host, *args, **kwargs):
        name = host.decode() if isinstance(host, bytes) else host
        if name not in LOOPBACK:
            raise socket.gaierror(f"a test looked up {name}: tests use no network")
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", only_loopback)
