"""JupyterLab in a real browser: a server on a free port, a notebook that is opened and run, and what a reader then sees of it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip
WIDTH, HEIGHT = 1280, 900
PICTURED = 1500  # points of the notebook's height on one picture
SECONDS_TO_START, SECONDS_TO_RUN = 90, 300
THEMES = ("JupyterLab Light", "JupyterLab Dark")

# Every output is in the page at once, nothing is fetched from elsewhere, and the file browser leaves its room to the notebook.
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "notebook-extension/tracker": {"windowingMode": "none", "autoStartDefaultKernel": True},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}

# What a reader sees of each code cell: its error, its formulas, its text without them, and how far an output reaches beyond its room.
LOOK = """
() => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')].map(cell => {
    const outputs = [...cell.querySelectorAll('.jp-OutputArea-output')];
    const inside = outputs.flatMap(output => [output, ...output.querySelectorAll('*')]).filter(node => !node.closest('mjx-container'));
    const faulty = 'mjx-merror, [data-mjx-error], mjx-assistive-mml mtext[mathcolor=red]';
    const words = outputs.map(output => {
        const bare = output.cloneNode(true);
        bare.querySelectorAll('mjx-container, code, pre, svg, style').forEach(node => node.remove());
        return bare.textContent;
    }).join(' ');
    return {
        source: cell.querySelector('.cm-content').innerText,
        count: cell.querySelector('.jp-InputPrompt').innerText,
        error: cell.querySelector('[data-mime-type="application/vnd.jupyter.stderr"]')?.innerText ?? '',
        kinds: outputs.map(output => output.getAttribute('data-mime-type') ?? ''),
        formulas: outputs.reduce((sum, output) => sum + output.querySelectorAll('mjx-container').length, 0),
        faults: outputs.flatMap(output => [...output.querySelectorAll(faulty)].map(node => node.textContent)),
        pictures: outputs.reduce((sum, output) => sum + output.querySelectorAll('svg:not(mjx-container svg), img').length, 0),
        words,
        beyond: inside.filter(node => node.clientWidth && getComputedStyle(node).overflowX !== 'visible')
            .map(node => [node.scrollWidth - node.clientWidth, node.outerHTML.slice(0, 80)])
            .reduce((most, each) => each[0] > most[0] ? each : most, [0, '']),
        outside: Math.max(0, ...inside.map(node => node.getBoundingClientRect().right - cell.getBoundingClientRect().right)),
    };
})
"""


KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"

# Whether no formula was set since the last time this was asked.
SETTLED = """
() => {
    const now = document.querySelectorAll('mjx-container').length, same = now === window.before;
    window.before = now;
    return same;
}
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader sees of one cell that was run.

    Attributes:
        source: the code of the cell.
        count: the number of its run.
        error: the error under it, or "".
        kinds: of its outputs, as MIME types.
        formulas, pictures: how many are in its outputs.
        faults: what MathJax could not set.
        words: the text of its outputs without formulas, code and pictures.
        beyond: by how many points a part of an output that scrolls or is cut off is wider than its room, at most, and its beginning.
        outside: by how many points an output reaches to the right of the cell.
    """

    source: str
    count: str
    error: str
    kinds: Sequence[str]
    formulas: int
    faults: Sequence[str]
    pictures: int
    words: str
    beyond: tuple[float, str]
    outside: float


def missing() -> str:
    """What is needed for a browser test and is not here, and how to get it; "" where nothing is missing."""
    wanted = [name for name in ("playwright", "jupyterlab", "ipykernel") if find_spec(name) is None]
    told = [f"{', '.join(wanted)} not installed: pip install -e '.[browser]'"] if wanted else []
    if browser() is None:
        told.append(f"no browser found, looked for {', '.join(BROWSERS)}: install one, as with apt-get install chromium")
    return "; ".join(told)


def browser() -> str | None:
    """The path of a Chromium; the environment variable MATCALC_BROWSER names another."""
    return next((found for name in (os.environ.get("MATCALC_BROWSER", ""), *BROWSERS) if name and (found := shutil.which(name))), None)


def notebook(cells: Sequence[str]) -> str:
    """A notebook of code cells that were not run, as JSON; an error in one does not keep the others from running."""
    made: list[dict[str, Any]] = [
        {
            "cell_type": "code", "id": f"cell-{number}", "metadata": {"tags": ["raises-exception"]}, "execution_count": None, "outputs": [],
            "source": source,
        }
        for number, source in enumerate(cells)
    ]
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": made})


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """JupyterLab that serves a folder: its address, up to and with the token's name, is given while it runs."""
    port, token = _free_port(), secrets.token_hex(16)
    page_config = folder / ".jupyter" / "config" / "labconfig" / "page_config.json"
    page_config.parent.mkdir(parents=True, exist_ok=True)
    page_config.write_text(json.dumps({"disabledExtensions": {"@jupyterlab/debugger-extension": True}}), encoding="utf-8")
    own = {f"JUPYTER_{name}_DIR": str(folder / ".jupyter" / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"IPYTHONDIR": str(folder / ".ipython"), "PYTHONPATH": str(ROOT), "JUPYTER_TOKEN": token, "HOME": str(folder)}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--port-retries=0",
        f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True", f"--LabApp.user_settings_dir={folder / '.settings'}",
        f"--LabApp.workspaces_dir={folder / '.workspaces'}", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--ServerApp.terminals_enabled=False",
    ]  # fmt: skip
    with (folder / "server.log").open("w") as log, subprocess.Popen(command, env=os.environ | own, stdout=log, stderr=log) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/api?token={token}", process, folder / "server.log")
            yield f"http://127.0.0.1:{port}/lab/tree/{{name}}?token={token}&reset"
        finally:
            process.terminate()
            process.wait(30)


def set_theme(folder: Path, theme: str) -> None:
    """The settings of the server in a folder, with the theme."""
    for place, values in {**SETTINGS, "apputils-extension/themes": {"theme": theme}}.items():
        path = folder / ".settings" / "@jupyterlab" / f"{place}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")


@contextmanager
def opened(address: str) -> Iterator[tuple[Any, list[str]]]:
    """A page of a browser at an address, and the errors that come to its console."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=browser(), headless=True, args=list(FLAGS))
        try:
            page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            errors: list[str] = []
            page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(address)
            yield page, errors
        finally:
            chromium.close()


def run_all(page: Any) -> None:
    """Run all cells of the notebook that is open, and wait until their formulas are set."""
    page.wait_for_selector(".jp-NotebookPanel-toolbar", timeout=SECONDS_TO_START * 1000)
    page.wait_for_function(f"() => {KERNEL.replace('.', '?.')}", timeout=SECONDS_TO_START * 1000)
    page.evaluate(f"async () => {{ await {KERNEL}.info; }}")
    if page.locator("#jp-left-stack:visible").count():
        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    done = "() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].every(p => /\\[\\d+\\]/.test(p.innerText))"
    page.wait_for_function(done, timeout=SECONDS_TO_RUN * 1000)
    page.wait_for_function(SETTLED, timeout=60_000, polling=1500)


def seen(page: Any) -> list[Seen]:
    """What a reader sees of each cell."""
    return [Seen(**each) for each in page.evaluate(LOOK)]


def picture(page: Any, folder: Path, name: str) -> None:
    """Pictures of the notebook from its top to its end, as name-01.png and so on, each beginning where the one before ends."""
    folder.mkdir(parents=True, exist_ok=True)
    page.set_viewport_size({"width": WIDTH, "height": PICTURED})
    scrolled = "top => { const all = document.querySelector('.jp-WindowedPanel-outer'); all.scrollTop = top; return all.scrollTop; }"
    for number in count(1):
        wanted = (number - 1) * (PICTURED - 150)
        reached = page.evaluate(scrolled, wanted)
        page.wait_for_timeout(200)
        page.screenshot(path=folder / f"{name}-{number:02}.png")
        if reached < wanted:
            break
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(SECONDS_TO_START * 2):
        if process.poll() is not None:
            raise RuntimeError(f"JupyterLab ended at once:\n{log.read_text(encoding='utf-8')[-2000:]}")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    raise RuntimeError(f"JupyterLab did not answer within {SECONDS_TO_START} seconds:\n{log.read_text(encoding='utf-8')[-2000:]}")
