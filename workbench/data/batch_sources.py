"""Two ways to bring augmented images: from memory, or from processes that decode ahead."""

from collections.abc import Generator, Iterable, Iterator
from typing import Protocol

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from workbench.data.batch_plan import BatchPlan
from workbench.data.images.tensors import ImageSource, decode_all
from workbench.data.lifeline import bound_to_this
from workbench.data.samples import Progress
from workbench.data.transforms import augment
from workbench.errors import WorkbenchError
from workbench.recipe.settings.data import Data
from workbench.system import cores


class ImageFeed(Protocol):
    """Where augmented images come from."""

    def batches(self, plans: Iterable[BatchPlan]) -> Iterator[tuple[BatchPlan, Tensor]]:
        """Each plan with the images it describes, in the order of the plans."""
        ...

    def close(self) -> None:
        """Free what is held."""
        ...


class CachedImages:
    """All images decoded in one pixel store."""

    def __init__(
        self, source: ImageSource, data: Data, device: torch.device, progress: Progress | None
    ) -> None:
        self._data = data
        self._store = decode_all(source, data.loader.workers, progress).to(device)

    def batches(self, plans: Iterable[BatchPlan]) -> Iterator[tuple[BatchPlan, Tensor]]:
        """Augment each batch when it is asked for."""
        for plan in plans:
            rows = torch.from_numpy(plan.indices).to(self._store.device)
            yield plan, augment(self._store, rows, plan, self._data)

    def close(self) -> None:
        """Let go of the images."""
        self._store = self._store[:0]


class WorkerImages:
    """Processes that decode and augment whole batches ahead of time, at most one for each core."""

    def __init__(self, source: ImageSource, data: Data, device: torch.device) -> None:
        self._device = device
        self._plans = _Plans()
        self._running = self._planned(())
        self._loader: DataLoader | None = DataLoader(
            _PlannedBatches(source, data),
            sampler=self._plans,
            batch_size=None,
            collate_fn=_unchanged,
            num_workers=min(data.loader.workers, cores()),
            prefetch_factor=data.loader.prefetch,
            persistent_workers=True,
            # A fork would copy torch's locks without the threads that hold them.
            multiprocessing_context="spawn",
            worker_init_fn=bound_to_this(),
            # Without its own, the loader would draw from the generator that training uses.
            generator=torch.Generator(),
        )

    def batches(self, plans: Iterable[BatchPlan]) -> Iterator[tuple[BatchPlan, Tensor]]:
        """Batches in order, some prepared ahead; an earlier round ends. Raises BrokenImage."""
        self._running.close()
        self._running = self._planned(plans)
        return self._running

    def _planned(
        self, plans: Iterable[BatchPlan]
    ) -> Generator[tuple[BatchPlan, Tensor], None, None]:
        if self._loader is None:
            return
        self._plans.current = plans
        for planned in self._loader:
            if isinstance(planned, WorkbenchError):
                raise planned
            plan, images = planned
            yield plan, images.to(self._device, non_blocking=True)

    def close(self) -> None:
        """End the processes."""
        # torch ends its processes when nobody holds their loader or a round over it any more.
        self._running.close()
        self._loader = None


class _Plans(Sampler[BatchPlan]):
    """The plans of the epoch at hand, as torch's loader wants them."""

    def __init__(self) -> None:
        self.current: Iterable[BatchPlan] = ()

    def __iter__(self) -> Iterator[BatchPlan]:
        return iter(self.current)


class _PlannedBatches(Dataset[tuple[BatchPlan, Tensor] | WorkbenchError]):
    """What a worker process does with a plan."""

    def __init__(self, source: ImageSource, data: Data) -> None:
        self._source, self._data = source, data

    def __getitem__(self, plan: BatchPlan) -> tuple[BatchPlan, Tensor] | WorkbenchError:
        """The plan with its images, or the sentence that says why not.

        An error is handed over as a value: raised here, torch would bury its sentence in a report
        of the process it happened in.
        """
        try:
            store = self._source.store(plan.indices.tolist())
        except WorkbenchError as error:
            return error
        return plan, augment(store, torch.arange(len(plan.indices)), plan, self._data)


def _unchanged(item: object) -> object:
    return item
