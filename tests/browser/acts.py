"""What a person does on the page, and what can be seen there."""

from playwright.sync_api import Error

TINY = {
    "data.dataset.train_identities": "8",
    "data.sampler.identities": "4",
    "data.dataset.test_identities": "6",
    "data.dataset.image_height": "64",
    "data.height": "64",
    "data.width": "32",
    "run.threads": "1",
    "training.precision": "fp32",
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


NAMELESS = """() => [...document.querySelectorAll(
  '.wb-panel button, .wb-panel input, .wb-panel select, .wb-panel textarea')].filter(one => {
    const labels = [...(one.labels || [])].map(label => label.textContent.trim()).join('');
    return !(one.getAttribute('aria-label') || one.textContent.trim() && one.tagName === 'BUTTON'
      || labels);
  }).map(one => one.outerHTML.slice(0, 200))"""
