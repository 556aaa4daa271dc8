"""Foreign flags, read by a table."""

import pytest

from workbench.errors import RecipeError
from workbench.interop.commands.flags import Flag, numbers, parse, yes_or_no

FLAGS = (
    Flag("--lr", 0.05, float),
    Flag("--epochs", (5, 75), numbers),
    Flag("--amp", True, yes_or_no),
    Flag("--fp16", read=None),
    Flag("--seed", 613, int, unused="is read and never used."),
    Flag("--DG", read=None, refused="needs images that cannot be had."),
    Flag("--adv", 0.0, float, refused="adversarial batches are not built here."),
    Flag("--batchsize", 32, int),
)


def test_values_defaults_and_what_was_written():
    flags = parse(FLAGS, ["--lr", "0.1", "--epochs=3,15", "--fp16", "--amp", "False"])
    assert flags["--lr"] == 0.1
    assert flags["--epochs"] == (3, 15)
    assert flags["--fp16"] is True
    assert flags["--amp"] is False
    assert (flags["--seed"], flags["--DG"]) == (613, False)
    assert flags.written == {"--lr", "--epochs", "--fp16", "--amp"}
    assert flags.notes == ()


def test_a_unique_beginning_is_enough():
    assert parse(FLAGS, ["--batch", "8"])["--batchsize"] == 8


def test_unused_flags_are_reported():
    assert parse(FLAGS, ["--seed", "1"]).notes == ("--seed: is read and never used.",)


def test_a_refused_flag_at_its_default_is_no_harm():
    assert parse(FLAGS, ["--adv", "0"])["--adv"] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--lrr", "1"], r"--lrr: is no flag of this program. Did you mean --lr\?"),
        (["--zzz"], "The nearest known one is --"),
        (["--a", "1"], "is the beginning of --amp or --adv"),
        (["--lr"], "its value is missing"),
        (["--lr", "big"], "--lr big: cannot be read"),
        (["--amp", "perhaps"], "cannot be read"),
        (["--fp16=1"], "takes no value"),
        (["market"], "stands where a flag is expected"),
        (["--DG"], "--DG: needs images"),
        (["--adv", "0.1"], "--adv: adversarial"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(RecipeError, match=message):
        parse(FLAGS, arguments)
