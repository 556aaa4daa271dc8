"""One loader for every YAML text: plain values within limits, or one sentence."""

import subprocess
import sys

import pytest

from workbench.errors import RecipeError
from workbench.recipe.yaml_text import MOST_BYTES, load_yaml, require_names

NINE = "\n".join(
    f"x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 9)}]" for level in range(1, 10)
)
HOSTILE = {
    "aliases that stand for 9**10 values": (f"x0: &x0 [{', '.join('0' * 9)}]\n{NINE}", "100,000"),
    "an alias of itself": ("a: &a [*a]", "100,000"),
    "a hundred thousand brackets": ("[" * 100_000, "more than 60 levels"),
    "a hundred thousand braces": ("{a: " * 100_000, "more than 60 levels"),
    "a hundred thousand dashes": ("- " * 100_000, "more than 60 levels"),
    "a tag on something else": ("a: !!bool x", "does not fit its tag"),
    "a date that is none": ("a: !!timestamp x", "does not fit its tag"),
    "a mapping that is none": ("!!map x", "does not fit its tag"),
    "an object": ("a: !!python/object/apply:os.system [id]", "could not determine a constructor"),
    "a number of base 60": ("a: 1" + ":1" * 50_000, "a number of more than 100 characters"),
    "a long number": ("a: " + "9" * 5_000, "a number of more than 100 characters"),
    "a key that is a list": ("? [1]\n: 2", "unhashable key"),
    "an undefined alias": ("a: *b", "undefined alias"),
    "half a character": (b"a: \xff", "YAML"),
    "a lone surrogate": ("a: \ud800", "YAML"),
    "a long text": ("a" * (MOST_BYTES + 1), "at most 1,000,000"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_text_is_one_sentence(what):
    text, sentence = HOSTILE[what]
    with pytest.raises(RecipeError) as refusal:
        load_yaml(text)
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_limits_leave_room_for_what_people_write():
    assert load_yaml("[" * 60 + "]" * 60) == eval("[" * 60 + "]" * 60)
    many = load_yaml("a: &a [0, 1]\nb: [" + ", ".join(["*a"] * 30_000) + "]")
    assert len(many["b"]) == 30_000
    assert load_yaml("a: 0x1F\nb: -1.5e+3\nc: 1:30\nd: 12") == {
        "a": 31,
        "b": -1500.0,
        "c": 90,
        "d": 12,
    }


def test_a_key_twice_is_refused_also_where_there_are_many():
    keys = "".join(f"k{number}: 1\n" for number in range(20_000))
    assert len(load_yaml(keys)) == 20_000
    with pytest.raises(RecipeError, match="'k7' is given twice"):
        load_yaml(keys + "k7: 2\n")


def test_names_are_texts_at_every_level():
    require_names({"a": [{"b": 1}]})
    with pytest.raises(RecipeError, match=r"the key True in a is no text"):
        require_names(load_yaml("a: [{yes: 1}]"))


@pytest.mark.thorough
def test_every_yaml_is_read_by_this_loader():
    """PyYAML's own loaders have no limits: nothing else in the package may call them."""
    calls = r"yaml\.(load|safe_load|full_load|unsafe_load|compose|parse|scan)(_all)?\("
    search = ["grep", "-rnE", "--include=*.py", calls, "workbench"]
    lines = subprocess.run(search, capture_output=True, text=True, check=False).stdout.splitlines()
    assert lines
    assert {line.partition(":")[0] for line in lines} == {"workbench/recipe/yaml_text.py"}


@pytest.mark.process
def test_a_hundred_thousand_brackets_leave_the_process_alive(tmp_path):
    """The C parser builds a tree by recursion, and would end the process without a word."""
    (tmp_path / "deep.yaml").write_text("[" * 100_000)
    program = (
        "import sys; from workbench.recipe.yaml_text import load_yaml\n"
        "from workbench.errors import RecipeError\n"
        "try: load_yaml(open(sys.argv[1]).read())\n"
        "except RecipeError as error: print(error)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "deep.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "more than 60 levels" in done.stdout
