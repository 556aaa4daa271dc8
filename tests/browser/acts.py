"""What a person does on the page, and what can be seen there."""

import os
import re
from contextlib import contextmanager

from playwright.sync_api import Error

TINY = {
    "data.dataset.train_identities": "8",
    "data.sampler.identities": "4",
    "data.dataset.test_identities": "6",
    "data.dataset.image_height": "64",
    "data.height": "64",
    "data.width": "32",
    "run.threads": "1",
}

STEPS = "name => document.querySelector('#monitor .wb-curves')?.series?.series[name]?.step || []"


def set_field(page, path, value):
    """Change one setting of the form and wait until the server has taken it."""
    row = page.locator(f'#editor [data-path="{path}"]')
    if not row.is_visible():
        page.fill('#editor input[aria-label="Search settings"]', path)
    control = row.locator("input, select, textarea").first
    if control.evaluate("one => one.tagName") == "SELECT":
        control.select_option(value)
    else:
        control.fill(value)
        control.press("Enter")
    page.wait_for_selector(f'#editor .wb-changed[data-path="{path}"]', state="attached")
    page.fill('#editor input[aria-label="Search settings"]', "")


def unfold(page, words, until=None):
    """Opens a folded section by key: it may move while images above it come.

    Opens it again, as a person would, where it was closed before ``until`` can be seen in it.
    """
    summary = page.locator("summary", has_text=words)
    summary.wait_for()
    summary.press("Enter")
    if until is not None:
        page.wait_for_function(UNFOLDED, arg=[words, until])


UNFOLDED = """([words, until]) => {
  const fold = [...document.querySelectorAll('details')].find(
    one => one.getClientRects().length && one.querySelector('summary').textContent.includes(words));
  if (fold && !fold.open) fold.open = true;
  return Boolean(fold?.querySelector(until)?.getClientRects().length);
}"""


def steps(page, name="loss"):
    """Steps of all points that a curve holds."""
    while True:
        try:
            return page.evaluate(STEPS, name)
        except Error as error:
            # The page loads itself anew when a server that was gone is back.
            if "context was destroyed" not in str(error):
                raise
            page.wait_for_load_state()


def wait_for_steps(page, count, name="loss"):
    page.wait_for_function(
        "([name, count]) => (document.querySelector('#monitor .wb-curves')?.series?.series[name]"
        "?.step || []).length >= count",
        arg=[name, count],
    )


def wait_for_state(page, *states):
    page.wait_for_function(
        "states => states.some(one =>"
        " document.querySelector(`#monitor .wb-monitor-head .wb-state-${one}`))",
        arg=list(states),
    )


def has_no_gap(found):
    """Every step once, in order, from the first on."""
    return found == list(range(1, len(found) + 1))


def drawn(page, chart="loss"):
    """Waits until a chart shows lines."""
    page.wait_for_selector(f'#monitor [data-chart="{chart}"] .js-line', state="attached")


def heated(page):
    """Waits until the Parts tab shows a pair with all its pictures."""
    page.wait_for_selector("#parts .wb-part")
    page.wait_for_selector("#parts .wb-parts-cards:not([aria-busy])")
    page.wait_for_function(HEATED)


HEATED = (
    "() => [...document.querySelectorAll('#parts .wb-heat img')].every(one => one.naturalWidth)"
)
"""Every picture of the Parts tab is there."""


@contextmanager
def put_away(folder):
    """While this lasts the folder is gone, as one that somebody has deleted."""
    away = folder.parent.parent / f"away_{folder.name}"
    os.rename(folder, away)
    try:
        yield
    finally:
        os.rename(away, folder)


NAMELESS = """() => [...document.querySelectorAll(
  '.wb-panel button, .wb-panel input, .wb-panel select, .wb-panel textarea')].filter(one => {
    const labels = [...(one.labels || [])].map(label => label.textContent.trim()).join('');
    return !(one.getAttribute('aria-label') || one.textContent.trim() && one.tagName === 'BUTTON'
      || labels);
  }).map(one => one.outerHTML.slice(0, 200))"""


CONTROLS = (
    "button|checkbox|combobox|img|link|listbox|option|progressbar|radio|searchbox|slider|spinbutton"
    "|switch|tab|textbox"
)
"""Roles that assistive technology announces by their name."""


def nameless(page, where):
    """Lines of the accessibility tree below ``where`` that stand for a control without a name."""
    found, picture = [], None
    for line in page.locator(where).aria_snapshot().splitlines():
        depth = len(line) - len(line.lstrip())
        if picture is not None and depth > picture:
            continue  # what is drawn inside a picture is not read
        picture = depth if re.match(r" *- '?img\b", line) else None
        if re.match(rf" *- '?({CONTROLS})\b(?! [\"/])", line):
            found.append(line)
    return found


def faint(page, where):
    """Texts below ``where`` whose contrast to what lies behind them is less than 4.5 to 1."""
    return page.evaluate(_FAINT, where)


_FAINT = """(where) => {
  const brush = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const known = new Map();
  const colour = (text) => {
    if (!known.has(text)) {
      brush.clearRect(0, 0, 1, 1);
      brush.fillStyle = text;
      brush.fillRect(0, 0, 1, 1);
      known.set(text, [...brush.getImageData(0, 0, 1, 1).data].map((value) => value / 255));
    }
    return known.get(text);
  };
  const over = (top, below, share = top[3]) =>
    [0, 1, 2].map((at) => share * top[at] + (1 - share) * below[at]);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const line = (one) => (one ? [...line(one.parentElement), one] : []);
  const paper = (below, one) => over(colour(getComputedStyle(one).backgroundColor), below);
  const behind = (ancestors) => ancestors.reduce(paper, [1, 1, 1]);
  const ratio = (one) => {
    const style = getComputedStyle(one);
    const ancestors = line(one);
    const below = behind(ancestors);
    const ink = colour(one instanceof SVGElement ? style.fill : style.color);
    const opacity = ancestors.reduce((all, each) => all * getComputedStyle(each).opacity, ink[3]);
    const [low, high] = [light(below), light(over(ink, below, opacity))].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const speaks = (one) => one.getClientRects().length
    && !one.closest(':disabled, [aria-hidden="true"]')
    && getComputedStyle(one).visibility === 'visible'
    && [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  return [...document.querySelectorAll(`${where} *`)].filter(speaks)
    .map((one) => [ratio(one), one.outerHTML.slice(0, 120)]).filter(([found]) => found < 4.5);
}"""
