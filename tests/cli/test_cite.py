"""``workbench show --cite``: what to cite for a preset, and that there is something for each."""

import re

import pytest

from workbench.cli import main
from workbench.recipe.presets import load_preset, preset_names

SYSTEMS = ("rpm", "layumi", "msvit", "nama", "mgn", "fastreid")
REPOSITORIES = {
    "rpm": "xiaolai-sqlai/RPM-ReID-DML",
    "layumi": "layumi/Person_reID_baseline_pytorch",
    "msvit": "xiaolai-sqlai/MSViT-ReID",
    "nama": "huangzongheng/NAMA",
    "mgn": "JDAI-CV/fast-reid",
    "fastreid": "JDAI-CV/fast-reid",
}


def cited(bibtex):
    """Keys of the entries, each of which has a title and closes."""
    entries = re.findall(r"^@(?:article|inproceedings|misc)\{(\w+),$", bibtex, re.MULTILINE)
    assert len(entries) == bibtex.count("@") == bibtex.count("\n  title = {")
    assert bibtex.count("{") == bibtex.count("}")
    return entries


@pytest.mark.thorough
def test_every_published_preset_names_its_paper_its_repository_and_an_entry():
    published = [name for name in preset_names() if name.split("/")[0] in SYSTEMS]
    assert {name.split("/")[0] for name in published} == set(SYSTEMS)
    for name in published:
        source = load_preset(name).source
        assert source.paper, name
        assert source.repository.endswith(REPOSITORIES[name.split("/")[0]]), name
        assert cited(source.bibtex), name


def test_the_baseline_is_cited_by_the_paper_its_author_names_and_its_stripes_by_theirs_too():
    for name in preset_names():
        if name.startswith("layumi/"):
            stripes = ["sun2018beyond"] if name.startswith("layumi/pcb") else []
            assert cited(load_preset(name).source.bibtex) == [*stripes, "zheng2019joint"], name


def test_the_entry_is_printed_with_the_paper_and_where_they_are(capsys):
    assert main(["show", "layumi/pcb_64", "--cite"]) == 0
    output = capsys.readouterr().out
    assert output.startswith("@inproceedings{sun2018beyond,\n")
    assert "Sun, Yifan and Zheng, Liang and Yang, Yi and Tian, Qi and Wang, Shengjin" in output
    assert output.endswith(
        "https://arxiv.org/abs/1711.09349\nhttps://github.com/layumi/Person_reID_baseline_pytorch\n"
    )
