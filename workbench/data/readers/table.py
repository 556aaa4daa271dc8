"""Every layout by the kind of data set it belongs to."""

from collections.abc import Iterator, Mapping

from workbench.data.readers.layout import Layout
from workbench.recipe.settings.datasets import DATASETS, DatasetSettings, Kind, Published


class _Layouts(Mapping[Kind, Layout]):
    """The layouts that are registered for kinds of data sets, each loaded when it is asked for."""

    def __getitem__(self, kind: Kind) -> Layout:
        settings = DATASETS.kinds[kind]
        if not _has_layout(settings):
            raise KeyError(kind)
        return DATASETS.implementation(settings)

    def __iter__(self) -> Iterator[Kind]:
        kinds = DATASETS.kinds.items()
        return (kind for kind, settings in kinds if _has_layout(settings))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _has_layout(settings: type[DatasetSettings]) -> bool:
    return issubclass(settings, Published) and settings.is_one_folder


LAYOUTS: Mapping[Kind, Layout] = _Layouts()
"""Of all but the playground, data of one's own, and Occluded-REID, which lies in two places."""
