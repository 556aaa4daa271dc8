import shutil
import time
from collections import Counter

import pytest

from tests.ui import data_by_hand
from workbench import paths
from workbench.data.catalogue.counts import counts
from workbench.data.catalogue.local_datasets import find, read
from workbench.data.catalogue.published import ENTRIES
from workbench.data.catalogue.splits import read_split
from workbench.data.synthetic.playground import digest
from workbench.errors import DataError, MissingDataset, PlaceError, RecipeError
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import load_preset
from workbench.recipe.settings.data import Playground
from workbench.ui.form import form_view
from workbench.ui.views.data import data_advice, data_samples, data_tasks, data_view, data_worker
from workbench.ui.views.data.data_words import TERMS

KEY = f"playground/{digest(data_by_hand.SETTINGS)}"
FIND = "There is no data set"


def check(key):
    """Check a set in this very process, as its own process would."""
    item = find(key)
    task = data_tasks.check_of(item)
    task.folder.mkdir(parents=True)
    asked = {"task": "check", "kind": item.kind, "path": str(item.path), "key": key}
    data_tasks.write_json(task.task_file, asked)
    return data_worker.main([str(task.folder)])


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch):
    """The worker's own priority and signals are not this process's."""
    monkeypatch.setattr(data_worker, "_give_way", lambda: None)
    monkeypatch.setattr(data_worker.signal, "signal", lambda *_: None)
    data_samples._opened.clear()


@pytest.mark.thorough
def test_every_entry_of_the_catalogue_can_be_shown():
    for item in data_view.known_sets():
        told = data_view.overview(item.key)
        assert told["title"]
        terms = ENTRIES[item.kind].terms if item.layout is None else TERMS
        assert dict(told["about"])["Terms"] == terms
        assert not told["here"]
    listed = data_view.sets()
    assert {one["kind"] for one in listed["sets"]} == set(ENTRIES) - {"folder", "csv"}
    assert listed["folder"] == str(paths.datasets_folder())


@pytest.mark.thorough
def test_the_playground_of_a_preset_is_named_before_it_is_drawn():
    settings = load_preset("playground/quick").data.dataset
    told = data_view.overview(f"playground/{digest(settings)}")
    assert (told["here"], told["drawing"]["state"]) == (False, "none")
    assert "playground/quick" in told["presets"]
    assert told["training"]["overrides"] == {}


def draw(key):
    """Draw a miniature in this very process, as its own process would."""
    task = data_tasks.drawing_of_miniature(find(key).layout)
    task.folder.mkdir(parents=True)
    data_tasks.write_json(task.task_file, {"task": "draw", "layout": find(key).layout})
    return data_worker.main([str(task.folder)])


@pytest.mark.thorough
def test_a_miniature_is_listed_drawn_and_trained_on():
    key = "miniatures/market1501"
    told = data_view.overview(key)
    assert (told["here"], told["small"], told["drawing"]["state"]) == (False, True, "none")
    assert told["subtitle"] == "market1501, not drawn yet"
    assert dict(told["about"])["From a shell"] == "workbench data make miniature market1501"
    assert draw(key) == 0
    told = data_view.overview(key)
    assert (told["here"], told["drawing"]["state"]) == (True, "done")
    assert told["split"]["words"].startswith("A miniature to try things on")
    assert all(one["expected"] is None for one in told["split"]["counts"])
    assert "baseline/market1501" in told["presets"]
    training = told["training"]
    recipe = resolve(training["preset"], training["overrides"])
    assert read_split(recipe.data).root == find(key).path
    assert form_view(training["preset"], training["overrides"]).refusals == {}
    with pytest.raises(DataError, match="is no miniature"):
        data_view.draw_miniature("market1501")


@pytest.mark.thorough
def test_figures_are_those_of_the_library():
    data_by_hand.market()
    told = data_view.overview("market1501")["split"]
    split = read(find("market1501"))
    assert {one["name"]: one["here"] for one in told["counts"]} == {
        name.replace("_", " "): count for name, count in counts(split).items() if count
    }
    published = ENTRIES["market1501"].counts["train_images"]
    row = next(one for one in told["counts"] if one["name"] == "train images")
    assert row == {"name": "train images", "here": 8, "expected": published, "differs": True}
    assert "train images (8, not 12,936)" in told["words"]
    # 4 people seen by cameras 1 and 2; ranked: 1 by 1, 2, 3 and 4 by 1 and 2; junk and the
    # distractor are images, not people.
    cameras = {c["camera"]: (c["trained"], c["ranked"], c["images"]) for c in told["cameras"]}
    assert cameras == {1: (4, 2, 6), 2: (4, 2, 7), 3: (0, 1, 2)}


@pytest.mark.thorough
def test_a_playground_is_compared_with_what_was_asked_for():
    data_by_hand.playground()
    told = data_view.overview(KEY)["split"]
    assert (told["expected"], told["words"]) == ("Asked for", "All 2 counts are those asked for.")
    data_by_hand.people()
    told = data_view.overview("folder/friends")["split"]
    assert told["words"].startswith("Nobody published counts")


def test_samples_are_ordered_by_identity_and_camera():
    data_by_hand.market()
    page = data_samples.samples_of("market1501", "gallery")
    seen = [(one["identity"], one["camera"]) for one in page["images"]]
    assert seen == [(1, 2), (1, 3), (4, 1), (-1, 3), (0, 2)]
    assert page["words"] == (
        "5 images of 2 identities by 3 cameras, distractors and junk among them."
    )
    assert page["people"]["1"] == {"title": "Identity 1", "words": "2 images, cameras 2, 3"}
    assert page["people"]["-1"] == {"title": "Junk", "words": "1 image, camera 3"}


def test_samples_by_page_camera_and_person():
    data_by_hand.market()
    split = read(find("market1501"))
    pages = [data_samples.samples_of("market1501", "train", start=n, count=3) for n in (0, 3, 6)]
    files = [one["file"] for page in pages for one in page["images"]]
    assert sorted(files) == sorted(sample.path for sample in split.train)
    assert all(page["total"] == 8 for page in pages)
    one = data_samples.samples_of("market1501", "train", identity=3, camera=2)
    assert [image["file"] for image in one["images"]] == [data_by_hand.TRAIN[3]]
    assert (one["previous"], one["next"]) == (2, 5)
    # Without a part the first that has the person; beyond the end, the first page.
    assert data_samples.samples_of("market1501", identity=4)["part"] == "query"
    assert data_samples.samples_of("market1501", "train", start=99)["from"] == 0
    nobody = data_samples.samples_of("market1501", "train", identity=99)
    assert (nobody["total"], nobody["images"]) == (0, [])
    assert "No train image fits" in nobody["words"]


def test_an_index_is_the_place_in_the_split():
    data_by_hand.market()
    split = read(find("market1501"))
    for one in data_samples.samples_of("market1501", "gallery")["images"]:
        path = data_samples.picture_of("market1501", "gallery", one["index"]).path
        assert path == (split.root / split.gallery[one["index"]].path).resolve()
    assert data_samples.facts_of("market1501", "query", 0)["height"] == 24
    with pytest.raises(MissingDataset, match="no train image 8 in 'market1501': it has 8 images"):
        data_samples.picture_of("market1501", "train", 8)
    with pytest.raises(DataError, match="no part 'moon'"):
        data_samples.picture_of("market1501", "moon", 0)


def test_a_link_that_leads_out_of_a_data_set_is_not_followed(tmp_path):
    root = data_by_hand.people()
    secret = data_by_hand.images(tmp_path, ["secret.png"]) / "secret.png"
    (root / "anna" / "0.png").unlink()
    (root / "anna" / "0.png").symlink_to(secret)
    split = read(find("folder/friends"))
    part, index = next(
        (part, index)
        for part in ("train", "query")
        for index, sample in enumerate(split.part(part))
        if sample.path == "anna/0.png"
    )
    with pytest.raises(PlaceError, match="leads outside"):
        data_samples.picture_of("folder/friends", part, index)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], "has no images in sub-folders: give the folder that holds one for each"),
        (["anna/a.png", "anna/b.png"], "has 1 identity with images: at least 3 are needed"),
        (["query/anna/a.png"], "has a folder query and no folder gallery"),
    ],
)
def test_what_keeps_a_set_from_being_used_is_one_sentence(names, sentence):
    (paths.datasets_folder() / "bad").mkdir(parents=True)
    data_by_hand.images(paths.datasets_folder() / "bad", names)
    told = data_view.overview("folder/bad")
    assert sentence in told["problem"]
    assert told["split"] is None
    with pytest.raises(DataError):
        data_samples.samples_of("folder/bad")


@pytest.mark.thorough
def test_a_set_deleted_while_it_is_shown():
    root = data_by_hand.people()
    data_samples.samples_of("folder/friends")
    shutil.rmtree(root)
    for ask in (data_view.overview, data_samples.samples_of, data_view.check_again):
        with pytest.raises(MissingDataset, match=FIND):
            ask("folder/friends")


# ---- checks


@pytest.mark.thorough
def test_a_check_is_kept_with_its_findings_and_cures():
    root = data_by_hand.people()
    (root / "anna" / "0.png").write_bytes(b"no image")
    assert data_view.overview("folder/friends")["check"]["result"] is None
    assert check("folder/friends") == 0
    found = data_view.overview("folder/friends")["check"]
    assert (found["state"], found["result"]["usable"]) == ("done", False)
    broken = found["result"]["findings"][0]
    assert (broken["level"], broken["file"]) == ("error", "anna/0.png")
    assert "no known image format" in broken["sentence"]
    assert broken["cure"] == "Replace it or remove it."
    assert "not usable as it is, 1 error" in found["result"]["words"]
    assert "changed" not in found["result"]["words"]
    data_by_hand.images(root, ["anna/new.png"])
    assert "changed since" in data_view.overview("folder/friends")["check"]["result"]["words"]


def test_a_check_of_what_vanished_fails_with_a_sentence():
    root = data_by_hand.people()
    item = find("folder/friends")
    task = data_tasks.check_of(item)
    task.folder.mkdir(parents=True)
    asked = {"task": "check", "kind": "folder", "path": str(root), "key": "folder/friends"}
    data_tasks.write_json(task.task_file, asked)
    shutil.rmtree(root)
    assert data_worker.main([str(task.folder)]) == 1
    state = data_tasks.state_of(task)
    assert state["state"] == "failed"
    assert state["words"] == f"{root} does not exist: give the folder of a data set."


def test_a_task_that_ended_without_a_word_is_lost():
    data_by_hand.people()
    task = data_tasks.check_of(find("folder/friends"))
    task.folder.mkdir(parents=True)
    data_tasks.write_json(task.progress_file, {"state": "working", "done": 3, "total": 9})
    assert data_tasks.state_of(task)["state"] == "lost"


@pytest.mark.process
def test_a_check_in_a_process_of_its_own():
    data_by_hand.people()
    data_view.check_again("folder/friends")
    until = time.monotonic() + 60
    while data_view.tasks_of("folder/friends")["check"]["state"] == "working":
        assert time.monotonic() < until
        time.sleep(0.05)
    found = data_view.tasks_of("folder/friends")["check"]
    assert (found["state"], found["result"]["usable"]) == ("done", True)


@pytest.mark.process
def test_a_playground_is_drawn_and_can_be_stopped():
    key = data_view.draw(Playground(train_identities=4000))
    assert data_view.overview(key)["busy"]
    until = time.monotonic() + 60
    while data_view.tasks_of(key)["drawing"]["state"] == "working":
        data_view.stop(key)
        assert time.monotonic() < until
        time.sleep(0.05)
    assert list((paths.datasets_folder() / "playground").glob("[!.]*")) == []
    key = data_view.draw(data_by_hand.SETTINGS)
    while data_view.tasks_of(key)["drawing"]["state"] == "working":
        assert time.monotonic() < until
        time.sleep(0.05)
    assert data_view.overview(key)["split"]["words"] == "All 2 counts are those asked for."


# ---- what to do with a data set


@pytest.mark.thorough
def test_train_on_this_leads_to_a_recipe_that_reads_this_very_folder():
    roots = {
        "folder/friends": data_by_hand.people(),
        "folder/street": data_by_hand.market("street"),
        "market1501": data_by_hand.market(),
        KEY: data_by_hand.playground(),
    }
    for key, root in roots.items():
        training = data_view.overview(key)["training"]
        recipe = resolve(training["preset"], training["overrides"])
        assert read_split(recipe.data).root == root
        assert form_view(training["preset"], training["overrides"]).refusals == {}
        assert training["command"].startswith(f"workbench train {training['preset']}")
    training = data_view.overview("folder/friends")["training"]
    assert training["preset"] == "baseline/folder"
    # Three of the four people are trained on, so a batch cannot ask for 16.
    assert training["overrides"] == {"data.root": "friends", "data.sampler.identities": 3}


@pytest.mark.thorough
def test_every_kind_has_a_preset_to_begin_with():
    chosen = Counter()
    for kind in ENTRIES:
        data_by_hand.people("x")
        item = data_advice.Holding(f"folder/{kind}", kind, paths.datasets_folder() / "x")
        training = data_advice.training_of(item)
        data = resolve(training["preset"], training["overrides"]).data
        assert (data.dataset.kind, data.root) == (kind, "x")
        chosen[training["preset"]] += 1
    assert chosen["baseline/folder"] >= 1


def test_a_root_that_the_current_folder_would_hide_is_written_whole(tmp_path, monkeypatch):
    root = data_by_hand.people()
    assert data_advice.root_of(root) == "friends"
    (tmp_path / "elsewhere" / "friends").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert data_advice.root_of(root) == str(root)


def test_adding_ones_own_names_folders_and_commands():
    told = data_advice.how_to_add()
    folder = paths.datasets_folder() / "my_people"
    assert told["commands"][0] == f"workbench data check {folder}"
    assert told["commands"][1] == "workbench train baseline/folder --set data.root=my_people"
    assert all(str(folder) in layout["tree"] for layout in told["layouts"])
    assert {one["title"] for one in told["known"]} == {
        entry.title
        for kind, entry in ENTRIES.items()
        if kind not in ("playground", "folder", "csv")
    }


@pytest.mark.thorough
def test_the_layouts_shown_can_be_read():
    for number, layout in enumerate(data_advice.how_to_add()["layouts"]):
        names = [name for name in layout["files"] if not name.endswith(".csv")]
        root = data_by_hand.images(paths.datasets_folder() / f"own{number}", names)
        if len(names) < len(layout["files"]):
            rows = "".join(f"{name},{place // 2}\n" for place, name in enumerate(names))
            (root / "images.csv").write_text(f"path,identity\n{rows}")
        assert data_view.overview(f"folder/{root.name}")["problem"] is None


@pytest.mark.thorough
def test_controls_of_a_playground_are_generated_and_refuse():
    form = data_advice.playground_form({}, {"data.dataset.train_identities": "20"})
    assert [field["path"].rpartition(".")[2] for field in form["fields"]] == [
        name for name in Playground.model_fields if name != "kind"
    ]
    assert form["overrides"] == {"data.dataset.train_identities": "20"}
    settings = data_advice.playground_of(form["overrides"])
    assert (settings.train_identities, form["drawn"]) == (20, False)
    assert form["key"] == f"playground/{digest(settings)}"
    form = data_advice.playground_form({}, {"data.dataset.seed": "many"})
    assert (form["key"], form["drawn"]) == (None, False)
    assert next(field for field in form["fields"] if field["error"])["path"] == "data.dataset.seed"
    for refused in ("data.dataset.kind", "data.height", "data.dataset"):
        with pytest.raises(RecipeError, match="not a setting of a playground"):
            data_advice.playground_of({refused: "market1501"})
