"""How many images and identities there are: as published, and as found on disk.

Training uses what is on disk and names a difference.
"""

from workbench.data.catalogue.published import ENTRIES, dataset_of
from workbench.data.samples import JUNK, UNKNOWN_CAMERA, Sample, Split
from workbench.recipe.settings.datasets import Dataset, Playground, Prepared


def counts(split: Split) -> dict[str, int]:
    """The figures of a split by the names the catalogue uses."""
    everything = (*split.train, *split.query, *split.gallery)
    grouped = {
        f"{part}_{group}_images": sum(sample.group == group for sample in split.part(part))
        for part in ("train", "query", "gallery")
        for group in sorted({sample.group for sample in everything} - {""})
    }
    return {
        "train_identities": split.identities,
        "train_images": len(split.train),
        "query_identities": _identities(split.query),
        "query_images": len(split.query),
        "gallery_identities": _identities(split.gallery),
        "gallery_images": len(split.gallery),
        "gallery_images_without_junk": sum(s.identity != JUNK for s in split.gallery),
        "validation_images": len(split.validation),
        "multi_query_images": len(split.multi_query),
        "cameras": len({sample.camera for sample in everything if sample.camera != UNKNOWN_CAMERA}),
        **grouped,
    }


def published_counts(dataset: Dataset) -> dict[str, int]:
    """Published figures under the settings of a data set; empty where there are none."""
    entry = ENTRIES[dataset.kind]
    figures: dict[str, int | None] = dict(entry.counts)
    for setting, others in entry.variants.items():
        name, _, value = setting.partition("=")
        if str(getattr(dataset, name)) == value:
            figures |= others
    return {name: figure for name, figure in figures.items() if figure is not None}


def published_identities(dataset: Dataset) -> int | None:
    """Identities to train on as published, or as asked of the playground; None where unknown."""
    if isinstance(dataset, Playground):
        return dataset.train_identities
    figures = published_counts(dataset)
    trained = figures.get("train_identities")
    if trained is None or getattr(dataset, "split", "") != "combine_all":
        return trained
    return trained + figures.get("gallery_identities", figures["query_identities"])


def made_from(dataset: Dataset) -> Dataset | None:
    """The data set whose images these are: itself, or what a prepared folder was made from.

    None for a prepared folder that does not say it.
    """
    if not isinstance(dataset, Prepared):
        return dataset
    return None if dataset.made_from is None else dataset_of(dataset.made_from)


def differences(split: Split, dataset: Dataset) -> list[str]:
    """A sentence for each figure of an undivided split that is not the published one.

    Of a prepared folder identities alone are compared: it may leave images out.
    """
    source = made_from(dataset)
    if source is None:
        return []
    here, title = counts(split), ENTRIES[source.kind].title
    return [
        f"{name.replace('_', ' ')}: {here.get(name, 0):,} here, {published:,} published"
        f" for {title}."
        for name, published in published_counts(source).items()
        if here.get(name, 0) != published
        and (source is dataset or name in ("train_identities", "query_identities"))
    ]


def shared_identities(trained: Dataset, ranked: Dataset) -> str | None:
    """A warning where two different data sets show the same people or things, else None.

    What was learned on one may then be asked for in the other.
    """
    first, second = (ENTRIES[(made_from(dataset) or dataset).kind] for dataset in (trained, ranked))
    if first.name == second.name or not first.shows or first.shows != second.shows:
        return None
    return (
        f"{first.title} and {second.title} both show people of {first.shows}: some who are asked"
        " for may have been trained on, so figures of one after training on the other are too good."
    )


def _identities(samples: tuple[Sample, ...]) -> int:
    return len({sample.identity for sample in samples if sample.is_person})
